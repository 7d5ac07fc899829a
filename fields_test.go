package imednet

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFieldsAreTheMembersInTheirOrder(t *testing.T) {
	for kind, shape := range modelShapes {
		row := reflect.New(kind)
		fields := row.Interface().(model).fields(nil)
		require.Len(t, fields, kind.NumField()-firstField, kind)
		for i, field := range fields {
			assert.NotEmpty(t, shape.names[firstField+i], "%s has a field that is no member", kind)
			assert.Same(t, row.Elem().Field(firstField+i).Addr().Interface(), field, "%s.%s", kind, kind.Field(firstField+i).Name)
		}
	}
}

func TestWordsAreWhatTheyAreMadeOf(t *testing.T) {
	var words vocabulary
	for _, text := range []string{"", "a", "b", "a", "studyKey", "\xff", "é", string(make([]byte, longestWord+1))} {
		buf := []byte(text)
		got := words.text(buf)
		for i := range buf {
			buf[i]++
		}
		assert.Equal(t, text, got)
		assert.Equal(t, text, words.text([]byte(text)))
		assert.Equal(t, text, (*vocabulary)(nil).text([]byte(text)))
	}
}

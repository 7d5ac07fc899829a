package tables

import (
	"encoding/json"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Choice is one choice of a question with a list, as the study's dictionary declares it.
type Choice struct {
	Value string `json:"value"` // of the answers that denote it, in the column
	Text  string `json:"text,omitempty"`
	Code  string `json:"code,omitempty"`
}

// choiceMetadata is the list as the metadata of a field hold it.
func choiceMetadata(choices []Choice) string {
	list, _ := json.Marshal(choices)
	return string(list)
}

// begins returns the values with which every dictionary of the column begins, each once; nil for a column without
// declared choices.
func (c *Column) begins() []string {
	if c.Type != TypeDictionary {
		return nil
	}
	var values []string
	for _, choice := range c.Choices {
		if value := validText(choice.Value); !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

// newBuilder returns a builder for a field of the column. Its dictionary begins with the declared choices, in
// their order; what is not declared comes after them.
func newBuilder(mem memory.Allocator, c *Column, typ arrow.DataType) array.Builder {
	b := array.NewBuilder(mem, typ)
	dictionary, ok := b.(*array.BinaryDictionaryBuilder)
	values := c.begins()
	if !ok || len(values) == 0 {
		return b
	}
	words := array.NewStringBuilder(mem)
	defer words.Release()
	words.AppendValues(values, nil)
	declared := words.NewStringArray()
	defer declared.Release()
	if err := dictionary.InsertStringDictValues(declared); err != nil {
		panic(err) // of more values than an int32 counts
	}
	return b
}

package pipeline

import (
	"encoding/json"
	"slices"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	array18 "github.com/apache/arrow-go/v18/arrow/array"
	memory18 "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/workflows/tables"
)

// declaredValues are the values of the choices that the metadata of a dictionary's field list, each once and in
// their order.
func declaredValues(field arrow.Field) []string {
	list, ok := field.Metadata.GetValue("choices")
	if field.Type.ID() != arrow.DICTIONARY || !ok {
		return nil
	}
	var choices []tables.Choice
	if json.Unmarshal([]byte(list), &choices) != nil {
		return nil
	}
	var values []string
	for _, c := range choices {
		if !slices.Contains(values, c.Value) {
			values = append(values, c.Value)
		}
	}
	return values
}

// declare begins the dictionary of the column with values.
func (w *columnWriter) declare(values []string) error {
	encoder, ok := w.out.CurrentEncoder().(interface{ PutDictionary(arrow18.Array) error })
	if w.declared = ok && len(values) > 0; !w.declared {
		return nil
	}
	words := array18.NewStringBuilder(memory18.DefaultAllocator)
	defer words.Release()
	words.AppendValues(values, nil)
	declared := words.NewStringArray()
	defer declared.Release()
	return encoder.PutDictionary(declared)
}

// plainTexts are the texts that a dictionary stands for.
func plainTexts(rows *array18.Dictionary) arrow18.Array {
	words := rows.Dictionary().(*array18.String)
	texts := array18.NewStringBuilder(memory18.DefaultAllocator)
	defer texts.Release()
	for i := range rows.Len() {
		if rows.IsNull(i) {
			texts.AppendNull()
		} else {
			texts.Append(words.Value(rows.GetValueIndex(i)))
		}
	}
	return texts.NewArray()
}

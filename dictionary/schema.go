package dictionary

import (
	_ "embed"
	"slices"
)

//go:embed toolkit.schema.json
var toolkitSchema []byte

// ToolkitSchema returns the JSON Schema (2020-12) of the Python toolkit's document, which
// [ReadToolkit] reads and [ToolkitDocument.WriteTo] writes. Every object may have further members.
func ToolkitSchema() []byte { return slices.Clone(toolkitSchema) }

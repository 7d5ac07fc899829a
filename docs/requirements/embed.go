// Package requirements embeds the files of this folder in the program: what the library promises, one
// file an area, and clauses.yaml, the regulations that ask for it. Package internal/requirement reads
// them.
package requirements

import "embed"

// Files holds the YAML files.
//
//go:embed *.yaml
var Files embed.FS

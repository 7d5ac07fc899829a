// Package pathname turns study and form keys into names of directories, one way for every export.
package pathname

import (
	"fmt"
	"slices"
	"strings"
)

// Partition names the directory of a value in a layout that Hive introduced: column=value.
func Partition(column, value string) string { return column + "=" + Directory(value) }

// Directory turns a key into the name of one directory, whatever it holds. What is unsafe in a
// path or means something in a partitioned directory is percent-encoded, byte by byte, as Hive
// does; readers decode it.
func Directory(key string) string { return Encoded(key, 0) }

// Encoded is Directory with at least the first so many bytes encoded. It names the same key for
// readers, and another directory, for keys that differ only in case.
func Encoded(key string, first int) string {
	if key == "" {
		return "__HIVE_DEFAULT_PARTITION__"
	}
	var b strings.Builder
	for i := range len(key) {
		c := key[i]
		edge := i == 0 && (c == '.' || c == '_' || c == ' ' || IsDevice(key)) || i == len(key)-1 && (c == '.' || c == ' ')
		if i < first || edge || c < ' ' || c >= 0x7f || strings.IndexByte(`"#%'*/:=?\{}[]^<>|`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// devices are names that Windows reserves, with or without an extension.
var devices = []string{"con", "prn", "aux", "nul",
	"com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

// IsDevice reports whether a file name means a device on Windows.
func IsDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	return slices.Contains(devices, strings.TrimSpace(stem))
}

package pipeline

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// deviceNames are names that Windows reserves, with or without an extension.
var deviceNames = []string{"con", "prn", "aux", "nul",
	"com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

func isDeviceName(s string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(s), ".")
	return slices.Contains(deviceNames, strings.TrimSpace(stem))
}

// checkPrefix refuses a file name prefix that could leave the directory, hide the files or name a
// device.
func checkPrefix(prefix string) error {
	switch {
	case strings.TrimSpace(prefix) == "":
		return invalid("Prefix", "the prefix is empty")
	case strings.ContainsAny(prefix, `/\:*?"<>|`):
		return invalid("Prefix", "the prefix holds a path separator or a character that file names cannot have")
	case strings.ContainsFunc(prefix, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return invalid("Prefix", "the prefix holds a control character")
	case strings.HasPrefix(prefix, ".") || strings.HasPrefix(prefix, "_"):
		return invalid("Prefix", "files that begin with . or _ are hidden from readers of the directory")
	case isDeviceName(prefix):
		return invalid("Prefix", "the prefix is the name of a device")
	case len(prefix) > 100:
		return invalid("Prefix", "the prefix is longer than 100 bytes")
	}
	return nil
}

// directoryName turns a form or study key into the name of one directory, whatever it holds.
// What is unsafe or means something in a partitioned directory is percent-encoded, as Hive does.
func directoryName(key string) string {
	if key == "" {
		return "__HIVE_DEFAULT_PARTITION__"
	}
	var b strings.Builder
	for i := range len(key) {
		c := key[i]
		edge := i == 0 && (c == '.' || c == '_' || c == ' ' || isDeviceName(key)) || i == len(key)-1 && (c == '.' || c == ' ')
		if edge || c < ' ' || c >= 0x7f || strings.IndexByte(`"#%'*/:=?\{}[]^<>|`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func chunkName(prefix string, number int, extension string) string {
	return fmt.Sprintf("%s_chunk_%05d%s", prefix, number, extension)
}

// chunkPattern matches the names that chunkName gives for a prefix, in any format.
func chunkPattern(prefix string) *regexp.Regexp {
	return regexp.MustCompile(`^` + regexp.QuoteMeta(prefix) + `_chunk_\d{5,}\.(parquet|csv|ndjson)$`)
}

package cdisc

// Format is a file format.
type Format string

// The formats.
const (
	XPT5   Format = "xpt5"   // SAS XPORT version 5: what agencies take
	XPT8   Format = "xpt8"   // SAS XPORT version 8: long names, labels and texts
	JSON   Format = "json"   // Dataset-JSON 1.1
	NDJSON Format = "ndjson" // Dataset-JSON 1.1, a row a line
	DSJC   Format = "dsjc"   // Dataset-JSON 1.1, the lines compressed
)

// Extension is how the names of the format's files end.
func (f Format) Extension() string {
	if f.isXPT() {
		return ".xpt"
	}
	return "." + string(f)
}

func (f Format) isXPT() bool { return f == XPT5 || f == XPT8 }

func (f Format) isJSON() bool { return f == JSON || f == NDJSON || f == DSJC }

// limits are what a version of XPORT holds, in bytes.
type limits struct{ name, label, datasetLabel, text, variables int }

func (f Format) limits() limits {
	if f == XPT8 {
		return limits{name: 32, label: 256, datasetLabel: 40, text: 32767, variables: 9999}
	}
	return limits{name: 8, label: 40, datasetLabel: 40, text: 200, variables: 9999}
}

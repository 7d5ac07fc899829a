package cdisc

// Format is a file format.
type Format string

// The file formats.
const (
	XPT5   Format = "xpt5"   // SAS XPORT version 5, the format accepted by agencies
	XPT8   Format = "xpt8"   // SAS XPORT version 8, with long names, labels and texts
	JSON   Format = "json"   // Dataset-JSON 1.1
	NDJSON Format = "ndjson" // Dataset-JSON 1.1, one row per line
	DSJC   Format = "dsjc"   // Dataset-JSON 1.1, one row per line, compressed
)

// Extension returns the file name extension of the format.
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

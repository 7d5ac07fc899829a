package pipeline

import (
	"fmt"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
)

// Format is the file format of a data set.
type Format string

// The file formats.
const (
	// Parquet is compressed with zstd, has statistics, and stores the Arrow schema with the
	// metadata of its fields.
	Parquet Format = "parquet"
	// CSV has a header. A null becomes an empty field. Text that a spreadsheet would interpret as a
	// formula gets a leading apostrophe, unless it is a number.
	CSV Format = "csv"
	// NDJSON is one JSON object per row with all columns, in their order.
	NDJSON Format = "ndjson"
)

func (f Format) extension() string { return "." + string(f) }

func (f Format) check() error {
	if f != Parquet && f != CSV && f != NDJSON {
		return invalid("Format", "there is no format "+strconv.Quote(string(f)))
	}
	return nil
}

// checkSchema refuses columns that the format cannot hold.
func (f Format) checkSchema(schema *arrow.Schema) error {
	if f == Parquet {
		return nil
	}
	for i := range schema.NumFields() {
		field := schema.Field(i)
		if !hasText(field.Type) {
			return invalid(field.Name, fmt.Sprintf("columns of type %s have no text form", field.Type))
		}
	}
	return nil
}

// textWriter writes the rows of a table to one file of text.
type textWriter interface {
	// write writes a row of the columns of a batch. The other columns of the table have no value there.
	write(columns []cellColumn, row int) error
	// close completes the file; it does not close the underlying writer.
	close() error
}

// writerSettings are the choices of a data set that its files need.
type writerSettings struct {
	format       Format
	formulaGuard bool
}

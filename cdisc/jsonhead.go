package cdisc

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonVersion is the version of Dataset-JSON that is written.
const jsonVersion = "1.1.0"

// JSONOptions configures [WriteDatasetJSON].
type JSONOptions struct {
	// Format is [JSON], the default, [NDJSON] or [DSJC].
	Format Format
	// Created is the time of creation; the zero time is an error, because equal data must give
	// equal bytes.
	Created time.Time
	// Modified is the time of the last change of the data; zero omits it. It must not be after
	// Created.
	Modified time.Time
	// What follows is left out when it is "".

	Originator, SourceSystem, SourceSystemVersion      string // the last two must be set together or not at all
	StudyOID, MetaDataVersionOID, MetaDataRef, FileOID string
	// Level is the compression level of [DSJC], from 1, the default and as fast as writing CSV, to
	// 9, which the specification recommends. It makes no difference to readers.
	Level int
	// BlankText writes "" for missing text, as SAS does; each occurrence is counted as a loss.
	BlankText bool
}

// jsonHead is the members before the rows, without the brace that ends them.
func jsonHead(s *Survey, o JSONOptions) []byte {
	d := &s.dataset
	b := append([]byte(nil), '{')
	member := func(name, value string) {
		if value != "" {
			b = appendMember(b, name, value)
		}
	}
	member("datasetJSONCreationDateTime", o.Created.UTC().Format(time.RFC3339))
	member("datasetJSONVersion", jsonVersion)
	member("fileOID", o.FileOID)
	if !o.Modified.IsZero() {
		member("dbLastModifiedDateTime", o.Modified.UTC().Format(time.RFC3339))
	}
	member("originator", o.Originator)
	if o.SourceSystem != "" {
		b = append(b, `,"sourceSystem":{`...)
		b = appendMember(b, "name", o.SourceSystem)
		b = append(appendMember(b, "version", o.SourceSystemVersion), '}')
	}
	member("studyOID", o.StudyOID)
	member("metaDataVersionOID", o.MetaDataVersionOID)
	member("metaDataRef", o.MetaDataRef)
	member("itemGroupOID", d.groupOID())
	b = append(b, `,"records":`...)
	b = strconv.AppendInt(b, s.rows, 10)
	member("name", d.Name)
	b = appendMember(b, "label", d.Label)
	b = append(b, `,"columns":[`...)
	for i := range d.Variables {
		if i > 0 {
			b = append(b, ',')
		}
		b = s.appendColumn(b, i)
	}
	return append(b, ']')
}

// appendMember appends a member of an object, with a comma unless it is the first.
func appendMember(b []byte, name, value string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b, _ = jsontext.AppendQuote(b, name)
	b = append(b, ':')
	b, _ = jsontext.AppendQuote(b, value)
	return b
}

func (s *Survey) appendColumn(b []byte, i int) []byte {
	v := &s.dataset.Variables[i]
	dataType, target := s.jsonType(i)
	b = append(b, '{')
	b = appendMember(b, "itemOID", s.dataset.itemOID(v))
	b = appendMember(b, "name", v.Name)
	b = appendMember(b, "label", v.Label)
	b = appendMember(b, "dataType", dataType)
	if target != "" {
		b = appendMember(b, "targetDataType", target)
	}
	if dataType == "string" {
		b = append(b, `,"length":`...)
		b = strconv.AppendInt(b, int64(max(1, s.stats[i].Characters)), 10)
	}
	if v.Format != "" {
		b = appendMember(b, "displayFormat", v.Format)
	}
	if v.Key > 0 {
		b = append(b, `,"keySequence":`...)
		b = strconv.AppendInt(b, int64(v.Key), 10)
	}
	return append(b, '}')
}

// jsonType is the data type of a variable and what SAS makes of it. Texts that are not all ISO 8601
// are texts.
func (s *Survey) jsonType(i int) (dataType, target string) {
	switch s.dataset.Variables[i].Type {
	case WholeNumber:
		return "integer", ""
	case Double:
		return "float", ""
	case Decimal:
		return "decimal", "decimal"
	case ISODate:
		return s.isoType(i, "date", "datetime"), ""
	case ISOTime:
		return s.isoType(i, "time", "time"), ""
	case Date:
		return "date", "integer"
	case Datetime:
		return "datetime", "integer"
	case Time:
		return "time", "integer"
	case Boolean:
		return "boolean", ""
	}
	return "string", ""
}

func (s *Survey) isoType(i int, day, moment string) string {
	switch st := &s.stats[i]; {
	case st.NotISO > 0:
		return "string"
	case st.WithTime > 0:
		return moment
	}
	return day
}

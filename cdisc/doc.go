// Package cdisc writes finished tables in the formats that statisticians and agencies exchange, and
// reads them back: SAS XPORT version 5 and 8, Dataset-JSON 1.1 in its three forms, Define-XML 2.1, and
// ODM 1.3.2 and 2.0.
//
//	manifest, err := cdisc.Export(ctx, "out", sources, cdisc.ExportOptions{
//		Formats: []cdisc.Format{cdisc.XPT5, cdisc.JSON},
//		JSON:    cdisc.JSONOptions{Created: created, StudyOID: "DEMO"},
//		Define:  &cdisc.DefineOptions{StudyOID: "DEMO", MetaDataVersionOID: "MDV.DEMO.1"},
//	})
//
// # Sources
//
// A [Source] is a [Dataset] and its rows. Formats write lengths and counts before the first row, so
// a source is read twice: [NewSurvey] is the first reading, [WriteXPT] and [WriteDatasetJSON] are the
// second, and rows that differ between the two are [ErrChanged]. [Export] sorts each source by its
// key, reads the sorted rows as often as it needs them, and writes a directory of files with a
// [Manifest], or nothing. A run that is killed in the moment in which it moves its files is completed
// by the next export into the directory; two exports at once are [ErrBusy].
//
// # Nothing in silence
//
// What a format cannot hold is one [*UnfitError], before a file is written, that lists every
// dataset, variable and [Rule] with counts: names, labels and texts that are too long, control
// characters, numbers that a format does not hold, keys that are not unique. Nothing is cut, renamed
// or rounded unless it was asked for: [Names] gives other names and labels ([ProposeNames] makes a
// proposal for a person to read), and [Remedies] cut labels, split texts, escape control characters
// and write numbers as text. What a format leaves out of data that fit it, such as the difference
// between an empty text and none, is counted as a [Loss] in the manifest.
//
// Texts in XPORT are UTF-8, or in the [Encoding] that was asked for; a character that it does not have
// is a problem.
//
// Numbers in XPORT are exact: every float64 in its range converts to the floating point of IBM and
// back without a change. NaN, the infinities and what is beyond the range are problems.
//
// # Describing
//
// [WriteDefine] writes what the variables are: labels, lengths, origins, methods, code lists, keys. Words
// that its schema does not take, and identifiers that occur twice, are problems; in the context of a
// submission so is what validators of agencies report as missing. [WriteODM] writes the records of all forms by subject, as a snapshot or with every state, who, when
// and why.
//
// # Reading
//
// [NewXPTReader], [NewJSONReader] and [OpenFile] read row by row, in memory that does not grow with
// the file, and refuse what does not follow the format ([ErrFormat]) or asks for too much memory
// ([ErrTooLarge]). [Diff] compares two tables by key.
//
// # Reproducible bytes
//
// Equal data and options give equal bytes: the time of creation is an input.
//
// # Errors
//
// A failure is an *imednet.Error, a wrong argument an *imednet.ValidationError. No error text and no
// manifest holds a value of the data.
package cdisc

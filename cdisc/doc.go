// Package cdisc writes finished tables in the exchange formats of statisticians and regulatory
// agencies: SAS XPORT versions 5 and 8, Dataset-JSON 1.1 in its three forms, Define-XML 2.1, and
// ODM 1.3.2 and 2.0. It also reads XPORT and Dataset-JSON.
//
//	manifest, err := cdisc.Export(ctx, "out", sources, cdisc.ExportOptions{
//		Formats: []cdisc.Format{cdisc.XPT5, cdisc.JSON},
//		JSON:    cdisc.JSONOptions{Created: created, StudyOID: "DEMO"},
//		Define:  &cdisc.DefineOptions{StudyOID: "DEMO", MetaDataVersionOID: "MDV.DEMO.1"},
//	})
//
// # Sources
//
// A [Source] is a [Dataset] with its rows. Formats require lengths and counts before the first row,
// so a source is read twice: first by [NewSurvey], then by [WriteXPT] or [WriteDatasetJSON]. Rows
// that differ between the two readings are [ErrChanged]. [Export] sorts each source by its key,
// reads the sorted rows as often as necessary, and writes a directory of files with a [Manifest], or
// nothing. If a run is killed while it moves its files into place, the next export into the
// directory completes it. A second export at the same time is [ErrBusy].
//
// # No silent changes
//
// Data that a format cannot hold are reported, before any file is written, in one *[UnfitError]
// that lists every dataset, variable and [Rule] with counts: names, labels and texts that are too
// long, control characters, numbers that a format cannot represent, keys that are not unique.
// Nothing is truncated, renamed or rounded unless requested: [Names] gives different names and
// labels ([ProposeNames] makes a proposal for review), and [Remedies] truncate labels, split texts,
// escape control characters and write numbers as text. Information that a format cannot express
// although the data fit, such as the difference between empty and missing text, is counted as a
// [Loss] in the manifest.
//
// Texts in XPORT are UTF-8 or in the requested [Encoding]; a character that the encoding lacks is a
// problem.
//
// Numbers in XPORT are exact: every float64 in the range of IBM floating point converts to it and
// back without change. NaN, infinities and numbers outside the range are problems.
//
// # Describing
//
// [WriteDefine] describes the variables: labels, lengths, origins, methods, code lists, keys. Words
// that its schema does not accept and identifiers that occur twice are problems; for a submission,
// so is anything that the agencies' validators report as missing. [WriteODM] writes the records of
// all forms by subject, either as a snapshot or with every state of each record and who saved it,
// when and why.
//
// # Reading
//
// [NewXPTReader], [NewJSONReader] and [OpenFile] read row by row in memory that does not grow with
// the file. Members that Dataset-JSON does not know are passed over; any other file that violates its
// format is [ErrFormat], and one that would require too much memory is [ErrTooLarge]. [Diff] compares
// two tables by key.
//
// # Reproducible output
//
// Equal data and options give equal bytes. The time of creation is an option.
//
// # Errors
//
// A failure is an *[imednet.Error]; an invalid argument is an *[imednet.ValidationError]. Error
// texts and manifests hold no values of the data.
package cdisc

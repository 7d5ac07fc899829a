// Package datasets reads finished data sets of package pipeline, in Parquet, as the sources that
// package cdisc exports: the tables of forms that `imednet export` writes, and the canonical tables
// of `imednet extract --dir`.
//
//	set, err := datasets.Open("out", "")
//	if err != nil {
//		return err
//	}
//	manifest, err := cdisc.Export(ctx, "submission", set.Sources(), cdisc.ExportOptions{…})
//
// [Open] compares every file with the manifest first, so that an export shows one state. CSV and
// NDJSON data sets are refused: CSV cannot tell a text from what guards it, and neither says the
// types of columns.
//
// # Tables of forms
//
// A form is a dataset of its form key, with STUDYID, USUBJID, the columns about the record under
// names of at most 8 characters (recordId is RECID), and the form's variables under their own names
// in upper case. USUBJID is the study key, a hyphen and the subject key. The key is STUDYID, USUBJID
// and RECID. A date is its text as entered; with [Set.NumericDates] its day follows as a number. Two
// columns that want one name are a problem which only a map of names answers.
//
// # Canonical tables
//
// They have the names of SDTM for AE, and PD is DV, DD is DE (DD of SDTM is about deaths). Flags are
// Y and N, numbers keep the digits that were entered, and dates of the analysis domains are numbers,
// which are missing where the day is not known; these are counted as losses. The key is STUDYID,
// USUBJID, and AESEQ, DVSEQ or DESEQ, which [cdisc.Export] numbers by start date and record, or ASEQ
// where there is one, or RECID.
//
// [Set.Explain] takes the study configuration that the data were extracted with, and says by its rules
// where each variable comes from.
//
// # What the tables do not have
//
// Values that did not fit a column's type stand in the data set's list of rejects and in no table.
// [Set.Problems] lists them, so that an export fails unless its caller says that they may be left
// out.
package datasets

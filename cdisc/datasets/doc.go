// Package datasets reads finished Parquet data sets of package pipeline as sources for package
// cdisc: the tables of forms that `imednet export` writes, and the canonical tables of `imednet
// extract --dir`.
//
//	set, err := datasets.Open("out", "")
//	if err != nil {
//		return err
//	}
//	manifest, err := cdisc.Export(ctx, "submission", set.Sources(), cdisc.ExportOptions{…})
//
// [Open] first compares every file with the manifest, so that an export shows a single state. CSV
// and NDJSON data sets are errors, because CSV cannot distinguish text from its formula guard, and
// neither format records the types of columns.
//
// # Tables of forms
//
// A form becomes a dataset named after its key, with STUDYID, USUBJID, the columns of the record
// under names of at most 8 characters (recordId is RECID), and the form's variables under their
// names in upper case. USUBJID is the study key, a hyphen and the subject key. The key variables
// are STUDYID, USUBJID and RECID. A date is its text as entered; with [Set.NumericDates] its day
// follows as a number. Two columns with the same name are a problem that only a name map resolves.
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
// # Values that are not in the tables
//
// Values that did not fit the type of their column are in the data set's list of rejects and in no
// table. [Set.Problems] lists them, so that an export fails unless the caller accepts that they are
// left out.
package datasets

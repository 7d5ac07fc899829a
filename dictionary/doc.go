// Package dictionary reads the design export of a study from iMednet: a directory or ZIP file with
// FORMS.csv, QUESTIONS.csv, CHOICES.csv and BUSINESS_LOGIC.csv. Unlike the API, the export contains
// the choices of questions, which questions are required, and the edit checks.
//
//	d, err := dictionary.Read(ctx, "export.zip", dictionary.ReadOptions{StudyKey: "DEMO"})
//	if err != nil {
//		return err
//	}
//	joined, err := d.Join(forms, variables, dictionary.JoinOptions{})
//
// # Lossless reading
//
// Every cell, header, row number, duplicate and byte of logic is kept: [Table.AppendTo] reproduces
// the bytes that were read, except for changed rows. Columns are found by their headers in any
// spelling, and unknown columns are kept. Anything wrong or unusual is reported as a [Finding] with
// file, row and column but without the contents of the cell. [Dictionary.Strict] fails on errors
// and warnings; a real export passes. The sizes of archives and cells are limited, and encrypted or
// duplicate entries are errors.
//
// # The Python toolkit
//
// [Dictionary.Toolkit] returns the document that the Python toolkit makes from the same export,
// byte for byte, and [ReadToolkit] reads one. Such a document holds less than the export, so keep
// the [Dictionary] or the export itself.
//
// # Comparison with the API
//
// [Dictionary.Join] joins the dictionary with the forms and variables of a study. The API
// determines what exists, and the dictionary what it means. Conflicts and unmatched parts are
// reported, nothing is dropped or retyped, and a dictionary of another study is an error.
//
// [Question.Choice] finds the choice that an answer denotes, by text first and then by code,
// because rules and real data contain the text and more than half of all choices have no code.
// A [Translator] shows answers by the texts or codes of their choices.
// [Joined.CheckSubmission] holds a record against the dictionary before it is sent.
// [Joined.Survey] counts, in one pass, missing answers and answers that are not in their list.
//
// # Edit checks
//
// A [Checker] evaluates rules on records, and on what [Surroundings] tell of the rest of the study. A rule
// that needs more than is known is undecided, with a reason, and no result is guessed: a partial date
// decides only what holds for each of its completions. [Checker.Study] lists the records on which a rule fires, with the queries that exist
// for them, so that missed checks become visible.
//
// [Checker.Cases] makes synthetic records that tell each rule from one that was built otherwise, and
// [Checker.Try] sends such records to a test study and reads back which were refused, queried, tagged
// and cleared. [Checker.Effects] is what the rules of a form do to one record.
//
// # Comparing versions
//
// [Diff] lists the changes between two exports, each with its [Effect] on existing data.
//
// # Errors
//
// A failure is an *[imednet.Error]. An export with errors is returned, as far as it could be read,
// together with an *[InvalidError]. Names of staff (Created By, Modified By) are personal data:
// they are in [Rule.Options] and tables, but not in the JSON of [Dictionary.WriteJSON].
package dictionary

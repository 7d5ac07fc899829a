// Package dictionary reads a study's own dictionary: the design export of iMednet, a folder or ZIP of
// FORMS.csv, QUESTIONS.csv, CHOICES.csv and BUSINESS_LOGIC.csv. The API does not say what the choices of
// a question are, which questions must be answered, or which edit checks run; the export does.
//
//	d, err := dictionary.Read(ctx, "export.zip", dictionary.ReadOptions{StudyKey: "DEMO"})
//	if err != nil {
//		return err
//	}
//	joined, err := d.Join(forms, variables, dictionary.JoinOptions{})
//
// # Reading loses nothing
//
// Every cell, header, row number, repeat and byte of logic is kept: [Table.AppendTo] writes the bytes
// that were read, but for rows that were changed. Columns are found by their headers in any spelling;
// those that nobody has seen are kept. What is wrong or unusual is a [Finding] with file, row and column
// and without the cell's contents. [Dictionary.Strict] fails on errors and warnings; a real export
// passes it. Archives and cells are bounded, and encrypted or doubled entries refused.
//
// # The Python toolkit
//
// [Dictionary.Toolkit] gives the document that the Python toolkit makes of the same export, byte for
// byte, and [ReadToolkit] reads one. It holds less than the export, so the Dictionary itself is what to
// keep.
//
// # Beside the API
//
// [Dictionary.Join] puts the dictionary beside a study's forms and variables. What exists is the API's
// word, what it means the dictionary's; conflicts and leftovers are reported, nothing is dropped or
// retyped, and a dictionary of another study is refused.
//
// [Question.Choice] finds the choice that an answer is, by text before code: rules and real data hold
// the text, and more than half of all choices have no code. [Joined.Survey] counts, in one pass, answers
// that are missing and answers outside their list.
//
// # Edit checks
//
// [NewChecker] evaluates rules over records. What takes more than one record is undecided and says why;
// nothing is guessed: a partial date decides only what holds for each of its completions.
// [Checker.Study] lists the records for which a rule acts, beside the queries that exist for them, so
// that missed checks are visible.
//
// # Two versions
//
// [Diff] lists what changed between two exports, each change with its [Effect] on data that exist.
//
// # Errors
//
// A failure is an [*imednet.Error]; an export that cannot be understood an [*InvalidError] beside what
// could be read. Names of staff (Created By, Modified By) are personal data: they are in
// [Rule.Options] and tables, and in no JSON that [Dictionary.WriteJSON] writes.
package dictionary

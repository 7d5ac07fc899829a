package probe

// questions are the points that reading can settle, in the order in which they are asked. What is asked without
// keys comes last.
func questions() []question {
	return []question{
		{"page-size-over-500", "Is a page size over 500 clamped to 500?", "clampSize",
			"Clamped to 500: harmless, as long as pages follow the size that the reply names.",
			"Refused: never ask for more than 500 rows.", "Pages follow the size that the reply names.", (*session).askSize},
		{"full-pages", "Does a page of 500 rows arrive whole?", "",
			"Pages of 500 rows can be asked for.", "Ask for smaller pages.", "", (*session).askFullPage},
		{"page-past-the-end", "Is a page past the end empty?", "pagesPastEnd",
			"An empty page can be the end of a listing.", "A listing that shrinks while it is read ends in an error status.",
			"Rows come where none are left: the counts alone tell where a listing ends.", (*session).askPastEnd},
		{"condition-on-id", "Is a lower bound on the id applied?", "",
			"Records are read by key: nothing is skipped while rows change.",
			"Records are read by offset pages, each listing twice, until both agree.",
			"Accepted and not applied: records are read by offset pages, each listing twice, until both agree.", (*session).askIDCondition},
		{"condition-on-date", "Is a lower bound on dateModified applied, unquoted?", "",
			"Changes are found by date.", "Changes are found by revisions, counts and sweeps alone.",
			"Accepted and not applied: what a sync is sent is not what changed, so sweep often.", (*session).askDateCondition},
		{"attribute-twice", "May a filter name an attribute twice, as a range and as a list of ids?", "repeatAttributes",
			"Ranges and lists of ids can be asked for.", "One bound per filter; the other is applied to the rows.",
			"Such a filter selects other rows than it says: one bound per filter; the other is applied to the rows.", (*session).askRepeated},
		{"mixed-connectors", "May a filter mix AND and OR, AND binding closer?", "mixConnectors",
			"Mixed filters are read as expected.", "Do not mix them.",
			"AND and OR are read in another order: do not mix them.", (*session).askMixed},
		{"quotes", "Are quotes accepted around numbers and dates, and escapes within them?", "quoteAnything",
			"Every value can be quoted.", "Send numbers and dates bare, and apply conditions on values with quotes to the rows.",
			"Quotes change what a filter selects: send numbers and dates bare, and apply conditions on values with quotes to the rows.", (*session).askQuotes},
		{"connector-words", "May conditions be joined by the word and?", "connectorWords",
			"Words work as ; and , do.", "Join conditions by ; and , alone.",
			"Words are accepted and not understood: join conditions by ; and , alone.", (*session).askWords},
		{"study-key-in-filter", "May a filter below a study name studyKey?", "studyKeyInFilter",
			"It is redundant, and accepted.", "Leave it out.",
			"Not every listing accepts it: leave it out.", (*session).askStudyKey},
		{"deleted-in-filter", "Can rows be selected by deleted?", "deletedInFilter",
			"Deleted records can be listed alone.", "The flag has to be read of each row.",
			"The flag has to be read of each row.", (*session).askDeletedFilter},
		{"booleans-in-filter", "Can variables be selected by disabled?", "booleansInFilter",
			"Flags can be filtered.", "Flags have to be read of each row.",
			"Flags have to be read of each row.", (*session).askBooleans},
		{"sort-by-attribute", "Can records be sorted by dateModified?", "sortByAttributes",
			"Other orders than that of ids can be asked for.", "Sort by the id alone.",
			"Accepted and not applied: sort by the id alone.", (*session).askSort},
		{"stable-order", "Do two readings of tied rows come in the same order, page by page?", "",
			"Ties keep their order.", "Never page in an order with ties: rows are skipped and doubled.", "", (*session).askStableOrder},
		{"numbers-as-text", "Does recordDataFilter compare numbers as text?", "dataFilterAsText",
			`"100" is less than "65": compare numbers in the rows instead.`, "Numbers are compared as numbers.", "", (*session).askDataFilter},
		{"deleted-hidden", "Are deleted records left out of listings?", "hideDeleted",
			"A deletion is seen only in the revisions and the counts.", "Deleted records are listed and marked.",
			"Some deleted records are listed and others are not: those are seen only in the revisions and the counts.", (*session).askHidden},
		{"delete-without-revision", "Does a deletion leave no revision?", "deleteLeavesNoTrace",
			"A deletion is found by its date, or by a sweep.", "A deletion is found in the revisions.",
			"Some deletions leave no revision: those are found by their date, or by a sweep.", (*session).askDeletionTrace},
		{"delete-moves-date", "Does a deletion move dateModified?", "",
			"A deletion is found by its date.", "A deletion is found in the revisions, or by a sweep.",
			"Some deletions move it and others do not: those are found in the revisions, or by a sweep.", (*session).askDeletionDate},
		{"status-keeps-date", "Does a change of status alone leave dateModified unmoved?", "statusKeepsDate",
			"A change of status is found in the revisions.", "A change of status is found by its date.",
			"Some changes of status move it and others do not: those are found in the revisions.", (*session).askStatusDate},
		{"keywords-move-date", "Does a keyword that is added move dateModified?", "keywordsMoveDate",
			"Keywords are found by their date.", "Keywords are found by a sweep alone.",
			"Some keywords move it and others do not: those are found by a sweep alone.", (*session).askKeywordDate},
		{"role-dates", "How are the dates of users' roles written?", "roleDates", "", "", "", (*session).askRoleDates},
		{"answer-names", "Are the names of answers those of the variables?", "",
			"Names match to the letter.", "Names are matched without regard to case.",
			"Some names differ in case: names are matched without regard to case.", (*session).askNames},
		{"unknown-attribute", "Is a filter on an unknown attribute refused?", "",
			"A misspelt filter is an error.", "A misspelt filter selects everything, in silence.",
			"A misspelt filter selects nothing, in silence.", (*session).askUnknownAttribute},
		{"unknown-study", "What does an unknown study bring?", "unknownStudyStatus", "", "", "", (*session).askUnknownStudy},
		{"unknown-job", "Is an unknown job an empty reply?", "emptyUnknownJob",
			"A job that is not found yet looks like one that never was.", "An unknown job is an error status.",
			"What is not a job is an error, which tells nothing about a submission: look for its records.", (*session).askUnknownJob},
		{"error-bodies", "Do 401 and 403 come from a gateway, without the API's error?", "gatewayErrors",
			"Only the status tells what is wrong.", "The API's code tells what is wrong.",
			"Some refusals have the API's code; of the others only the status tells what is wrong.", (*session).askErrorBodies},
	}
}

// writeQuestions are the points that a submission settles which names a subject that does not exist.
func writeQuestions() []question {
	return []question{
		{"post-status", "Which status has an accepted submission?", "postStatus", "", "", "", (*session).askPostStatus},
		{"failed-job", "How is a failed job represented?", "failedJobs", "", "", "", (*session).askFailedJob},
		{"job-results", "Does a job name its results?", "",
			"The server says what became of each record.", "What became of each record has to be read back.", "", (*session).askJobResults},
	}
}

// unaskedPoints are those that an examination does not settle.
func unaskedPoints() []Point {
	open := func(id, text, why string) Point {
		return Point{ID: id, Question: text, Came: why, Answer: Open}
	}
	const write = "not asked: it would store records"
	return []Point{
		open("rate-limit", "What do 429 and Retry-After look like?", "not provoked"),
		open("choices", "Is a choice answered by its text or by its code?", "not asked: the API names no choices; compare with the study's dictionary"),
		open("post-limit", "How many items may a submission have?", write),
		open("answer-types", "Which types of answers are accepted, and what clears one?", write),
		open("placement", "Which forms are accepted at which visits, and for sites?", write),
		open("all-or-nothing", "Is a submission stored if one of its items cannot be?", write),
		open("notification", "What may x-email-notify hold?", write),
	}
}

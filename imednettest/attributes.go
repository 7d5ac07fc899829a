package imednettest

import (
	"maps"
	"strings"

	"github.com/imednetgo/imednet"
)

// kind says how values of an attribute are written in a filter and compared.
type kind uint8

const (
	textKind kind = iota + 1
	intKind
	boolKind
	timeKind
	dateKind
)

// attributeKinds lists the scalar attributes of each resource as the API contract, section 4,
// documents them: the ones that a filter or a sort may name.
var attributeKinds = map[imednet.Resource]map[string]kind{
	imednet.Studies: attributes("studyId", "", "dateCreated dateModified", "",
		"sponsorKey studyKey studyName studyDescription studyType"),
	imednet.Sites: attributes("siteId", "", "dateCreated dateModified", "", "studyKey siteName siteEnrollmentStatus"),
	imednet.Forms: attributes("formId revision",
		"embeddedLog enforceOwnership userAgreement subjectRecordReport unscheduledVisit otherForms eproForm allowCopy disabled",
		"dateCreated dateModified", "", "studyKey formKey formName formType"),
	imednet.Intervals: attributes("intervalId intervalSequence intervalGroupId dueDateWillBeIn negativeSlack positiveSlack eproGracePeriod",
		"disabled", "dateCreated dateModified", "",
		"studyKey intervalName intervalDescription intervalGroupName timeline definedUsingInterval windowCalculationForm windowCalculationDate actualDateForm actualDate"),
	imednet.Variables: attributes("variableId sequence revision formId", "disabled deleted blinded", "dateCreated dateModified", "",
		"studyKey variableType variableName variableOid formKey formName label"),
	imednet.Subjects: attributes("subjectId siteId", "deleted", "enrollmentStartDate dateCreated dateModified", "",
		"studyKey subjectOid subjectKey subjectStatus siteName"),
	imednet.Visits: attributes("visitId intervalId subjectId", "deleted", "dateCreated dateModified", "startDate endDate dueDate visitDate",
		"studyKey intervalName subjectKey visitDateForm visitDateQuestion"),
	imednet.Records: attributes("recordId intervalId formId siteId subjectId visitId parentRecordId", "deleted", "dateCreated dateModified", "",
		"studyKey formKey recordOid recordType recordStatus subjectOid subjectKey"),
	imednet.RecordRevisions: attributes("recordRevisionId recordId recordRevision dataRevision subjectId siteId intervalId", "deleted", "dateCreated", "",
		"studyKey recordOid recordStatus subjectOid subjectKey formKey role user reasonForChange"),
	imednet.Queries: attributes("annotationId subjectId recordId", "", "dateCreated dateModified", "",
		"studyKey subjectOid annotationType type description variable subjectKey"),
	imednet.Codings: attributes("codingId siteId subjectId formId revision recordId", "", "dateCoded", "",
		"studyKey siteName subjectKey formName formKey variable value code codedBy reason dictionaryName dictionaryVersion"),
	imednet.Users: attributes("", "userActiveInStudy", "", "", "userId login firstName lastName email"),
}

func attributes(ints, bools, times, dates, texts string) map[string]kind {
	kinds := map[string]kind{}
	for k, names := range map[kind]string{intKind: ints, boolKind: bools, timeKind: times, dateKind: dates, textKind: texts} {
		for _, name := range strings.Fields(names) {
			kinds[name] = k
		}
	}
	return kinds
}

// filterable lists the attributes that a filter may name. Below a study, studyKey is refused: it
// is redundant there, and some of the real endpoints are thought to refuse it (contract section 7.1).
func filterable(resource imednet.Resource, settings Settings) map[string]kind {
	kinds := maps.Clone(attributeKinds[resource])
	if resource != imednet.Studies && !settings.StudyKeyInFilter {
		delete(kinds, "studyKey")
	}
	maps.DeleteFunc(kinds, func(name string, k kind) bool {
		if name == "deleted" {
			return !settings.DeletedInFilter
		}
		return k == boolKind && !settings.BooleansInFilter
	})
	return kinds
}

// defaultSort is the order in which the server lists a resource when nobody asks for one.
func defaultSort(resource imednet.Resource) string {
	switch resource {
	case imednet.Users:
		return "login"
	case imednet.Variables, imednet.Codings:
		return "formId" // documented, and not unique: the trap of contract section 2.2
	}
	return resource.ID()
}

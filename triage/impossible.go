package triage

import (
	"github.com/imednetgo/imednet/internal/audit"
)

// impossible says why no call of this library can have written an entry of an item as it was: its kind, who acted, the
// way of its status, or the values before it. It is empty if one can.
func impossible(row *itemRow, e *Event) string {
	c := &e.Change
	switch {
	case !e.Kind.known():
		return "is of a kind that there is not"
	case audit.Blank(e.UserID):
		return "names nobody who acted"
	case c.Actor != nil && c.Actor.ID != e.UserID:
		return "names another than the one who was identified"
	case e.Kind == KindStatus && (c.From != Status(row.Status) || checkTransition(c.From, c.To, c.Comment) != nil):
		return "changes the status in a way that a review does not go"
	case c.AssigneeBefore != nil && *c.AssigneeBefore != row.Assignee.String:
		return "has another assignee before it than the log"
	case c.DetailsBefore != nil && *c.DetailsBefore != row.details():
		return "has other details before it than the log"
	}
	return ""
}

func (k Kind) known() bool {
	switch k {
	case KindCreated, KindUpdated, KindAssigned, KindStatus, KindRegressed, KindAnnotated, KindClaimed, KindReleased, KindConfirmed,
		KindSigned, KindImported, KindImportedAnnotation, KindImportedTransition:
		return true
	}
	return false
}

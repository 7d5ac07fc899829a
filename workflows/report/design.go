package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// DesignChange is a change of the study's design: of a form, a variable, an interval or a site.
type DesignChange struct {
	At       time.Time // when it was seen
	Resource string    // such as "variables"
	Name     string    // such as "AE.AESEV"
	Member   string    // such as "label"; "" for the whole
	Kind     string    // such as "added"
}

// DesignChanges counts the changes of the study's design that the caller listed.
type DesignChanges struct {
	Changes int64         `json:"changes"`
	Groups  []DesignGroup `json:"groups"`
}

// DesignGroup counts the changes of a kind.
type DesignGroup struct {
	Resource string `json:"resource"`
	Kind     string `json:"kind"`
	Count    int64  `json:"count"`
}

// readDesignChanges lists the changes, the newest first.
func (x *run) readDesignChanges(context.Context) error {
	if x.opts.DesignChanges == nil {
		return nil
	}
	changes, counts := &DesignChanges{Groups: []DesignGroup{}}, map[[2]string]int64{}
	t := rowsOf("design", "Changes of the design", "changes", "resource", "What", "kind", "Change", "name", "Name", "member", "Part", "at", "Seen")
	var list []DesignChange
	for c, err := range x.opts.DesignChanges {
		if err != nil {
			return err
		}
		changes.Changes++
		counts[[2]string{c.Resource, c.Kind}]++
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b DesignChange) int { return -a.At.Compare(b.At) })
	for _, c := range list {
		t.add(x.opts.MaxRows, 1, c.Resource, c.Kind, c.Name, c.Member, c.At.UTC().Format(time.DateTime))
	}
	for key, n := range counts {
		changes.Groups = append(changes.Groups, DesignGroup{key[0], key[1], n})
	}
	slices.SortFunc(changes.Groups, func(a, b DesignGroup) int {
		return cmp.Or(strings.Compare(a.Resource, b.Resource), strings.Compare(a.Kind, b.Kind))
	})
	x.report.DesignChanges = changes
	x.keep(t)
	return nil
}

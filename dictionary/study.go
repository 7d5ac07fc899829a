package dictionary

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// SameStudy returns an error that matches [ErrOtherStudy] and names both studies if a dictionary that is said
// to be one study's is used for another. Keys are compared exactly, but for white space around them; a blank
// one is an *[imednet.ValidationError].
func SameStudy(named, study string) error {
	const function = "dictionary.SameStudy"
	err := errors.Join(argument.Named(function, "named", named), argument.Named(function, "study", study))
	return cmp.Or(err, sameStudy(named, study))
}

// sameStudy is SameStudy, for which a blank stands for a study that is not known.
func sameStudy(named, study string) error {
	named, study = strings.TrimSpace(named), strings.TrimSpace(study)
	if named == "" || study == "" || named == study {
		return nil
	}
	return fmt.Errorf("%w: it is that of study %q, not of %q", ErrOtherStudy, named, study)
}

// ofFormsStudy holds the dictionary's study against those that forms name.
func (d *Dictionary) ofFormsStudy(forms []imednet.Form) error {
	for _, f := range forms {
		if err := sameStudy(d.StudyKey, f.StudyKey.Or("")); err != nil {
			return err
		}
	}
	return nil
}

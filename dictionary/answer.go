package dictionary

import (
	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// answerFinder finds the answer to a question; n is the number of answers that could be it. With more than
// one none is chosen. n is notAsked if there is none because the study has no variable in use for the question.
type answerFinder func(question string) (v imednet.Value, n int)

const notAsked = -1

// questionNames are the names of each form's questions.
func (d *Dictionary) questionNames() map[*Form]answers.Declared {
	all := make(map[*Form]answers.Declared, len(d.Forms))
	for _, f := range d.Forms {
		all[f] = f.questionNames()
	}
	return all
}

func (f *Form) questionNames() answers.Declared {
	return answers.Declare(func(yield func(string) bool) {
		for _, q := range f.Questions {
			if !yield(q.Name) {
				return
			}
		}
	})
}

// answerIn finds an answer where only the dictionary says which questions the form has.
func answerIn(names answers.Declared, data imednet.RecordData, question string) (imednet.Value, int) {
	if data.Presence() != imednet.Set {
		return imednet.Value{}, 0
	}
	found := names.Lookup(data.Raw(), question)
	return imednet.NewValue(found.Raw), found.Spellings
}

package profiles

import "github.com/imednetgo/imednet"

// declaredAs is what a declared type promises: a number, a date, a flag, or text; "" when nothing is
// declared.
func declaredAs(declaredType string) FieldType {
	if imednet.IsMissing(declaredType) {
		return ""
	}
	switch kind := imednet.VariableKindOf(declaredType); {
	case kind == imednet.DateVariable:
		return DateField
	case kind == imednet.FlagVariable:
		return BooleanField
	case kind.IsNumber():
		return NumericField
	}
	return StringField
}

func isWhole(declaredType string) bool {
	return imednet.VariableKindOf(declaredType) == imednet.WholeVariable
}

// declaredWord is what a declared type promises, for people.
func declaredWord(declaredType string) string {
	if isWhole(declaredType) {
		return "whole numbers"
	}
	return string(declaredAs(declaredType))
}

func isChoice(declaredType string) bool {
	kind := imednet.VariableKindOf(declaredType)
	return kind == imednet.ChoiceVariable || kind == imednet.FlagVariable
}

// describeType infers the type from all populated answers and holds it against the declared one.
func (t *fieldTally) describeType(p *FieldProfile) {
	declared := declaredAs(t.info.declaredType)
	p.Inferred = inferType(p.Types, t.populated, declared)
	if t.populated == 0 {
		return
	}
	switch declared {
	case NumericField:
		p.Misfits = t.populated - p.Types.Numeric
		if isWhole(t.info.declaredType) {
			p.Misfits = t.populated - p.Types.Integers
		}
	case DateField:
		p.Misfits = t.populated - p.Types.Dates - p.Types.YearsAlone
	case BooleanField:
		p.Misfits = t.populated - p.Types.Boolean
	}
	p.Disagrees = p.Misfits > 0
}

// inferType names the one type that all answers have. Only 0 and 1 are both numbers and boolean
// tokens: then the declared type decides, and without one JSON numbers are numbers and text is
// boolean, as in the Python package. Four digits alone are a date only beside longer dates, and eight
// digits alone or a JSON number only where a date is declared. Without answers the declared type stands.
func inferType(n TypeCounts, populated int64, declared FieldType) FieldType {
	switch {
	case populated == 0 && declared == "":
		return StringField
	case populated == 0:
		return declared
	case n.ZeroOrOne == populated:
		return inferZeroOrOne(n, declared)
	case n.Boolean == populated && n.JSONNumbers == 0:
		return BooleanField
	case n.Dates+n.YearsAlone == populated && (n.JSONNumbers == 0 && n.Dates > 0 || declared == DateField):
		return DateField
	case n.Numeric == populated:
		return NumericField
	}
	return StringField
}

func inferZeroOrOne(n TypeCounts, declared FieldType) FieldType {
	switch {
	case declared == NumericField || declared == BooleanField:
		return declared
	case n.JSONNumbers > 0:
		return NumericField
	}
	return BooleanField
}

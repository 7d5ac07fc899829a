package extraction

// builtinProfiles are the profiles of the Python package.
func builtinProfiles() []Profile {
	pdRequired := []string{"subjectKey", "dvTerm", "dvCategory", "dvSeverity", "dvDate"}
	ddFields := []string{"subjectKey", "ddTerm", "ddCategory", "ddDate", "ddSerious"}
	aeRequired := []string{"subjectKey", "aeTerm", "aeSeverity"}
	pd := DomainProfile{Required: pdRequired}
	return []Profile{
		{
			Name: "general",
			Domains: map[Domain]DomainProfile{
				AE: {Required: aeRequired, Recommended: []string{"aeDecod", "aeRelationship"}},
				PD: {Required: pdRequired, Recommended: []string{"dvStatus"}}, DD: {Optional: ddFields},
			},
		},
		{
			Name: "drug",
			Domains: map[Domain]DomainProfile{
				AE: {Required: []string{"subjectKey", "aeTerm", "aeSeverity", "aeDecod", "aeRelationship"}, Recommended: []string{"aeActionTaken", "aeOutcome"}},
				PD: pd, DD: {Optional: ddFields},
			},
			Constraints: map[string][]string{"AE.aeSeverity": {"1", "2", "3", "4", "5"}},
		},
		{
			Name: "device",
			Domains: map[Domain]DomainProfile{
				AE: {Required: aeRequired}, PD: pd,
				DD: {Required: ddFields, Recommended: []string{"ddRelationship", "ddActionTaken"}},
			},
			Booleans: map[string]string{"DD.ddSerious": "ddSerious must be a boolean value for device studies."},
			Details: []DetailRule{{
				Domain: DD, Field: "ddOccurred", AnyOf: []string{"ddTerm", "ddCategory", "ddDate"},
				Message: "DD record details are required when ddOccurred is true.",
			}},
		},
	}
}

package extraction

import "github.com/imednetgo/imednet"

// AdverseEvent is a row of AE, with the fields of the Python package. Fields without an answer are
// blank, zero or Unknown; [CanonicalRow.Get] distinguishes null from blank.
type AdverseEvent struct {
	CanonicalRow
	AETerm         string // required
	AEDecod        string
	AESeverity     string // required
	AESerious      imednet.YesNo
	AEStartDate    imednet.PartialDate
	AEEndDate      imednet.PartialDate
	AEOutcome      string
	AERelationship string
	AEActionTaken  string
}

// ProtocolDeviation is a row of PD, with the fields of the Python package. All fields except
// DVStatus are required.
type ProtocolDeviation struct {
	CanonicalRow
	DVTerm     string
	DVCategory string
	DVSeverity string
	DVDate     imednet.PartialDate
	DVStatus   string // blank if not mapped; the Python package's default "Unreviewed" would be a guess
}

// DeviceDeficiency is a row of DD, with the fields of the Python package. All fields except
// DDSerious are required.
type DeviceDeficiency struct {
	CanonicalRow
	DDTerm     string
	DDCategory string
	DDSerious  imednet.YesNo
	DDDate     imednet.PartialDate
}

// SubjectLevelAnalysis is a row of ADSL, one per subject. All other mapped fields are in the
// embedded [CanonicalRow]; read population flags with [CanonicalRow.Flag].
type SubjectLevelAnalysis struct {
	CanonicalRow
	TreatmentStart imednet.PartialDate // TRTSDT
	TreatmentEnd   imednet.PartialDate // TRTEDT
	Age            imednet.Number      // AGE
	Sex            string              // SEX
	Arm            string              // ARM, or TRT01P if ARM is not mapped
}

// AnalysisAdverseEvent is a row of ADAE. All other mapped fields are in the embedded
// [CanonicalRow].
type AnalysisAdverseEvent struct {
	CanonicalRow
	Term              string              // AETERM
	DecodedTerm       string              // AEDECOD
	Start             imednet.PartialDate // ASTDT
	End               imednet.PartialDate // AENDT
	StartDay          imednet.Number      // ASTDY; there is no day 0
	EndDay            imednet.Number      // AENDY
	Serious           imednet.YesNo       // AESER
	TreatmentEmergent imednet.YesNo       // TRTEMFL
	Sequence          imednet.Number      // ASEQ
}

// AnalysisLabResult is a row of ADLB, one per result. All other mapped fields are in the embedded
// [CanonicalRow].
type AnalysisLabResult struct {
	CanonicalRow
	ParameterCode  string              // PARAMCD
	Parameter      string              // PARAM
	Value          imednet.Number      // AVAL; the zero Number for a result such as "<0.2"
	ValueText      string              // AVALC
	Baseline       imednet.Number      // BASE
	Change         imednet.Number      // CHG
	PercentChange  imednet.Number      // PCHG
	IsBaseline     imednet.YesNo       // ABLFL: Yes or Unknown
	RangeIndicator string              // ANRIND
	AnalysisDate   imednet.PartialDate // ADT
	Day            imednet.Number      // ADY
	Visit          string              // AVISIT
	Sequence       imednet.Number      // ASEQ
}

func newAdverseEvent(r CanonicalRow) AdverseEvent {
	return AdverseEvent{
		CanonicalRow: r, AETerm: r.Text("aeTerm"), AEDecod: r.Text("aeDecod"), AESeverity: r.Text("aeSeverity"), AESerious: r.Flag("aeSerious"),
		AEStartDate: r.Date("aeStartDate"), AEEndDate: r.Date("aeEndDate"), AEOutcome: r.Text("aeOutcome"),
		AERelationship: r.Text("aeRelationship"), AEActionTaken: r.Text("aeActionTaken"),
	}
}

func newProtocolDeviation(r CanonicalRow) ProtocolDeviation {
	return ProtocolDeviation{
		CanonicalRow: r, DVTerm: r.Text("dvTerm"), DVCategory: r.Text("dvCategory"), DVSeverity: r.Text("dvSeverity"),
		DVDate: r.Date("dvDate"), DVStatus: r.Text("dvStatus"),
	}
}

func newDeviceDeficiency(r CanonicalRow) DeviceDeficiency {
	return DeviceDeficiency{CanonicalRow: r, DDTerm: r.Text("ddTerm"), DDCategory: r.Text("ddCategory"), DDSerious: r.Flag("ddSerious"), DDDate: r.Date("ddDate")}
}

func newSubjectLevelAnalysis(r CanonicalRow) SubjectLevelAnalysis {
	arm := r.Text("ARM")
	if _, mapped := r.Get("ARM"); !mapped {
		arm = r.Text("TRT01P")
	}
	return SubjectLevelAnalysis{
		CanonicalRow: r, TreatmentStart: r.Date("TRTSDT"), TreatmentEnd: r.Date("TRTEDT"), Age: r.Number("AGE"), Sex: r.Text("SEX"), Arm: arm,
	}
}

func newAnalysisAdverseEvent(r CanonicalRow) AnalysisAdverseEvent {
	return AnalysisAdverseEvent{
		CanonicalRow: r, Term: r.Text("AETERM"), DecodedTerm: r.Text("AEDECOD"), Start: r.Date("ASTDT"), End: r.Date("AENDT"),
		StartDay: r.Number("ASTDY"), EndDay: r.Number("AENDY"), Serious: r.Flag("AESER"), TreatmentEmergent: r.Flag("TRTEMFL"), Sequence: r.Number("ASEQ"),
	}
}

func newAnalysisLabResult(r CanonicalRow) AnalysisLabResult {
	return AnalysisLabResult{
		CanonicalRow: r, ParameterCode: r.Text("PARAMCD"), Parameter: r.Text("PARAM"), Value: r.Number("AVAL"), ValueText: r.Text("AVALC"),
		Baseline: r.Number("BASE"), Change: r.Number("CHG"), PercentChange: r.Number("PCHG"), IsBaseline: r.Flag("ABLFL"),
		RangeIndicator: r.Text("ANRIND"), AnalysisDate: r.Date("ADT"), Day: r.Number("ADY"), Visit: r.Text("AVISIT"), Sequence: r.Number("ASEQ"),
	}
}

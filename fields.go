package imednet

// The fields of each model that are members of its rows, in the order of the struct. They are listed because finding
// them by reflection takes as long as reading what stands in them.

func (s *Study) fields(to []any) []any {
	return append(to, &s.SponsorKey, &s.StudyKey, &s.StudyID, &s.StudyName, &s.StudyDescription, &s.StudyType,
		&s.DateCreated, &s.DateModified)
}

func (s *Site) fields(to []any) []any {
	return append(to, &s.StudyKey, &s.SiteID, &s.SiteName, &s.SiteEnrollmentStatus, &s.DateCreated, &s.DateModified)
}

func (f *Form) fields(to []any) []any {
	return append(to, &f.StudyKey, &f.FormID, &f.FormKey, &f.FormName, &f.FormType, &f.Revision, &f.EmbeddedLog,
		&f.EnforceOwnership, &f.UserAgreement, &f.SubjectRecordReport, &f.UnscheduledVisit, &f.OtherForms, &f.EproForm,
		&f.AllowCopy, &f.Disabled, &f.DateCreated, &f.DateModified)
}

func (i *Interval) fields(to []any) []any {
	return append(to, &i.StudyKey, &i.IntervalID, &i.IntervalName, &i.IntervalDescription, &i.IntervalSequence,
		&i.IntervalGroupID, &i.IntervalGroupName, &i.Disabled, &i.DateCreated, &i.DateModified, &i.Timeline,
		&i.DefinedUsingInterval, &i.WindowCalculationForm, &i.WindowCalculationDate, &i.ActualDateForm, &i.ActualDate,
		&i.DueDateWillBeIn, &i.NegativeSlack, &i.PositiveSlack, &i.EproGracePeriod, &i.Forms)
}

func (v *Variable) fields(to []any) []any {
	return append(to, &v.StudyKey, &v.VariableID, &v.VariableType, &v.VariableName, &v.Sequence, &v.Revision, &v.Disabled,
		&v.DateCreated, &v.DateModified, &v.FormID, &v.VariableOID, &v.Deleted, &v.FormKey, &v.FormName, &v.Label,
		&v.Blinded)
}

func (s *Subject) fields(to []any) []any {
	return append(to, &s.StudyKey, &s.SubjectID, &s.SubjectOID, &s.SubjectKey, &s.SubjectStatus, &s.SiteID, &s.SiteName,
		&s.Deleted, &s.EnrollmentStartDate, &s.DateCreated, &s.DateModified, &s.Keywords)
}

func (v *Visit) fields(to []any) []any {
	return append(to, &v.VisitID, &v.StudyKey, &v.IntervalID, &v.IntervalName, &v.SubjectID, &v.SubjectKey, &v.StartDate,
		&v.EndDate, &v.DueDate, &v.VisitDate, &v.VisitDateForm, &v.VisitDateQuestion, &v.Deleted, &v.DateCreated,
		&v.DateModified)
}

func (r *Record) fields(to []any) []any {
	return append(to, &r.StudyKey, &r.IntervalID, &r.FormID, &r.FormKey, &r.SiteID, &r.RecordID, &r.RecordOID,
		&r.RecordType, &r.RecordStatus, &r.Deleted, &r.DateCreated, &r.DateModified, &r.SubjectID, &r.SubjectOID,
		&r.SubjectKey, &r.VisitID, &r.ParentRecordID, &r.Keywords, &r.RecordData)
}

func (r *RecordRevision) fields(to []any) []any {
	return append(to, &r.StudyKey, &r.RecordRevisionID, &r.RecordID, &r.RecordOID, &r.RecordRevision, &r.DataRevision,
		&r.RecordStatus, &r.SubjectID, &r.SubjectOID, &r.SubjectKey, &r.SiteID, &r.FormKey, &r.IntervalID, &r.Role, &r.User,
		&r.ReasonForChange, &r.Deleted, &r.DateCreated)
}

func (q *Query) fields(to []any) []any {
	return append(to, &q.StudyKey, &q.SubjectID, &q.SubjectOID, &q.AnnotationType, &q.AnnotationID, &q.Type,
		&q.Description, &q.RecordID, &q.Variable, &q.SubjectKey, &q.DateCreated, &q.DateModified, &q.QueryComments)
}

func (c *Coding) fields(to []any) []any {
	return append(to, &c.StudyKey, &c.SiteName, &c.SiteID, &c.SubjectID, &c.SubjectKey, &c.FormID, &c.FormName,
		&c.FormKey, &c.Revision, &c.RecordID, &c.Variable, &c.Value, &c.CodingID, &c.Code, &c.CodedBy, &c.Reason,
		&c.DictionaryName, &c.DictionaryVersion, &c.DateCoded)
}

func (u *User) fields(to []any) []any {
	return append(to, &u.UserID, &u.Login, &u.FirstName, &u.LastName, &u.Email, &u.UserActiveInStudy, &u.Roles)
}

func (j *Job) fields(to []any) []any {
	return append(to, &j.JobID, &j.BatchID, &j.State, &j.DateCreated, &j.DateStarted, &j.DateFinished, &j.Progress,
		&j.ResultURL)
}

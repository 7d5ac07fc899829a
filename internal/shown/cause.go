package shown

// Cause is the text of an error that whoever made the error around it may have left out.
func Cause(err error) string {
	if err == nil {
		return "failed"
	}
	return err.Error()
}

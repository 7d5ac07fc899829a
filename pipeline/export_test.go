package pipeline

// HoldAtMost has the tables of a data set hold no more than so many bytes together.
func (p *ChunkedRecordPipeline) HoldAtMost(bytes int64) { p.heldBytes = bytes }

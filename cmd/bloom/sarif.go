package main

// sarifLog is a report in SARIF 2.1.0, as code scanning takes it.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string       `json:"id"`
	ShortDescription sarifMessage `json:"shortDescription"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region struct {
			StartLine   int `json:"startLine"`
			StartColumn int `json:"startColumn"`
		} `json:"region"`
	} `json:"physicalLocation"`
}

func (r *report) sarif() sarifLog {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver.Name = "bloom"
	for _, c := range r.causes {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{c[0], sarifMessage{c[1]}})
	}
	for _, f := range r.Findings {
		result := sarifResult{RuleID: f.Cause, Level: f.Level, Message: sarifMessage{f.Message}}
		if f.File != "" {
			var at sarifLocation
			at.Physical.Artifact.URI = f.File
			at.Physical.Region.StartLine, at.Physical.Region.StartColumn = max(f.Line, 1), max(f.Column, 1)
			result.Locations = []sarifLocation{at}
		}
		run.Results = append(run.Results, result)
	}
	return sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}
}

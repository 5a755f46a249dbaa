package seed

import "github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"

// A project has two phases of three tasks. The first task has a note, two time entries and a service call.
const (
	projectPhases = 2
	phaseTasks    = 3
	taskEntries   = 2
	projectRows   = 2 + projectPhases*(1+phaseTasks) + 1 + taskEntries + 2
)

// complete is the value of status that ends a ticket, a task or a project.
const complete = int64(5)

func (s *seeder) project(c *customer) {
	start := s.midnight(600)
	end := start + 60*day
	lead, over := s.anyone(), s.chance(2)
	r := s.row("Projects").set("companyID", c.id).set("projectName", "Migration to the cloud").
		set("projectType", int64(5)).set("projectLeadResourceID", lead.id).set("creatorResourceID", lead.id).
		set("companyOwnerResourceID", lead.id).set("department", int64(29683384)).set("startDateTime", start).
		set("endDateTime", end).set("duration", int64(60)).set("createDateTime", start).set("contractID", c.contract).
		set("lastActivityDateTime", start+30*day).set("lastActivityResourceID", lead.id).
		set("lastActivityPersonType", int64(1)).set("statusDateTime", start).
		set("projectNumber", s.next('P', "Projects", start)).set("estimatedTime", float64(projectPhases*phaseTasks*8)).
		set("status", int64(2)).setUDF(udfSponsor, "Chief Executive")
	if over {
		r.set("status", complete).set("completedDateTime", end).set("completedPercentage", int64(100))
	}
	id := r.insert()
	s.row("ProjectNotes").set("projectID", id).set("title", "Kick-off").
		set("description", "Agreed on dates and on who does what.").set("noteType", int64(3)).set("publish", int64(1)).
		set("isAnnouncement", false).set("createDateTime", start).set("lastActivityDate", start).
		set("creatorResourceID", lead.id).insert()
	for n, title := range []string{"Preparation", "Rollout"} {
		begins := start + record.Stamp(n)*30*day
		phase := s.row("Phases").set("projectID", id).set("title", title).set("startDate", begins).
			set("dueDate", begins+30*day).set("createDate", start).set("lastActivityDateTime", start).
			set("creatorResourceID", lead.id).set("estimatedHours", float64(phaseTasks*8)).set("isScheduled", true).
			set("phaseNumber", numbered("P", n+1)).insert()
		s.tasks(c, id, phase, begins, over, n == 0)
	}
}

func (s *seeder) tasks(c *customer, project, phase int64, begins record.Stamp, over, first bool) {
	for n, title := range []string{"Take stock", "Plan the change", "Carry it out"} {
		who := s.anyone()
		r := s.row("Tasks").set("projectID", project).set("phaseID", phase).set("title", title).set("status", int64(8)).
			set("taskType", int64(1)).set("priority", int64(n+1)).set("priorityLabel", int64(2)).
			set("assignedResourceID", who.id).set("assignedResourceRoleID", who.role).set("billingCodeID", firstCode+2).
			set("departmentID", int64(29683384)).set("companyLocationID", c.location).set("startDateTime", begins).
			set("endDateTime", begins+5*day).set("estimatedHours", 8.0).set("createDateTime", begins).
			set("creatorResourceID", who.id).set("creatorType", int64(1)).set("isTaskBillable", true).
			set("isVisibleInClientPortal", true).set("lastActivityDateTime", begins+day).
			set("lastActivityResourceID", who.id).set("lastActivityPersonType", int64(1)).set("remainingHours", 4.0).
			set("taskCategoryID", int64(1)).set("taskNumber", s.next('T', "Tickets", begins))
		if over {
			r.set("status", complete).set("completedDateTime", begins+5*day).set("completedByResourceID", who.id).
				set("completedByType", int64(1)).set("remainingHours", 0.0)
		}
		if id := r.insert(); first && n == 0 {
			s.taskWork(c, id, who, begins)
		}
	}
}

func (s *seeder) taskWork(c *customer, task int64, who member, begins record.Stamp) {
	s.row("TaskNotes").set("taskID", task).set("title", "Progress").set("description", pick(s, s.words.remarks)).
		set("noteType", int64(3)).set("publish", int64(2)).set("createDateTime", begins).
		set("lastActivityDate", begins).set("creatorResourceID", who.id).insert()
	for n := range taskEntries {
		s.entry(entry{
			field: "taskID", id: task, kind: 6, code: firstCode + 2, who: who,
			began: begins + record.Stamp(n)*day + 9*hour, hours: 4,
		})
	}
	call := s.serviceCall(c, begins+day, who)
	s.row("ServiceCallTasks").set("serviceCallID", call).set("taskID", task).insert()
}

// Reads the TRX files of all test projects into one summary.
using System.Xml.Linq;

public sealed class TestSummary
{
    public int Passed, Failed, Skipped;
    public string Text = "";
    public string LastLine => $"{Passed} passed, {Failed} failed, {Skipped} skipped";

    public static TestSummary Read(string directory, IEnumerable<string> projects, IReadOnlyDictionary<string, int> exitCodes)
    {
        var summary = new TestSummary();
        foreach (var project in projects)
        {
            var file = System.IO.Path.Combine(directory, project + ".trx");
            var failedBefore = summary.Failed;
            if (!summary.Add(project, file))
            {
                // A project that gave no result did not pass; its output is in artifacts/test-<project>.log.
                summary.Failed++;
                summary.Text += $"FAIL {project}: gave no result\n";
            }
            else if (summary.Failed == failedBefore && exitCodes.GetValueOrDefault(project) is not 0 and var code)
            {
                // All that was written passed, and then the program crashed, or could not end.
                summary.Failed++;
                summary.Text += $"FAIL {project}: its program ended with exit code {code}\n";
            }
        }
        return summary;
    }

    bool Add(string project, string file)
    {
        if (!System.IO.File.Exists(file)) { return false; }
        var results = XDocument.Load(file).Descendants().Where(node => node.Name.LocalName == "UnitTestResult").ToList();
        foreach (var result in results)
        {
            var name = $"{project}: {(string)result.Attribute("testName")}";
            var said = string.Join(" ", result.Descendants()
                .Where(node => node.Name.LocalName is "Message" or "StdOut").Select(node => node.Value.Trim()));
            switch ((string)result.Attribute("outcome"))
            {
                case "Passed": Passed++; break;
                case "NotExecuted": Skipped++; Text += $"SKIP {name}: {said}\n"; break;
                default: Failed++; Text += $"FAIL {name}: {said}\n"; break;
            }
        }
        return results.Count > 0;
    }
}

using System.Text.Json;
using System.Xml.Linq;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.Cli;

public sealed class SimVerbTests
{
    private static async Task<string> ExampleAsync(TemporaryFolder folder)
    {
        var example = await CliRun.OfAsync("sim", "example");
        Assert.Equal((ExitCode.Done, ""), (example.Code, example.Error));
        var path = Path.Combine(folder.Path, "fleet.yaml");
        await File.WriteAllTextAsync(path, example.Out, TestContext.Current.CancellationToken);
        return path;
    }

    [Fact]
    public async Task The_example_runs_as_printed_and_its_page_has_all_charts()
    {
        using var folder = new TemporaryFolder();
        var (file, result) = (await ExampleAsync(folder), Path.Combine(folder.Path, "result"));
        var run = await CliRun.OfAsync("sim", "run", file, "--out", result);
        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Contains("VIOLIN-2007", run.Out);
        Assert.Contains("energy", run.Out);
        Assert.Contains("sweep-6", run.Out);
        Assert.Contains("changes done", run.Out);

        var page = XDocument.Parse((await File.ReadAllTextAsync(
            Path.Combine(result, "report.html"), TestContext.Current.CancellationToken))
            .Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
        Assert.Equal(6, page.Descendants().Count(element => element.Name.LocalName == "svg"));
        Assert.Equal(2, page.Descendants("table").Count());
        // Self-contained: nothing is loaded from elsewhere.
        Assert.DoesNotContain(
            page.Descendants().Attributes(), attribute => attribute.Name.LocalName is "src" or "href");
        Assert.Equal(
            [
                "environments.svg", "load-none.svg", "load-vio-saving.svg", "load-vio.svg", "load-violin-2007.svg",
                "power.svg", "report.html", "report.json",
            ],
            Directory.GetFiles(result).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var picture in Directory.GetFiles(result, "*.svg"))
        {
            var root = XDocument.Load(picture).Root!;
            var width = (double)root.Attribute("width")!;
            Assert.All(
                root.Elements().Where(element => element.Name.LocalName == "rect"),
                bar => Assert.True((double)bar.Attribute("x")! + (double)bar.Attribute("width")! <= width + 0.2));
        }
    }

    [Fact]
    public async Task The_same_seed_prints_the_same_and_another_does_not()
    {
        using var folder = new TemporaryFolder();
        var file = await ExampleAsync(folder);
        Task<CliRun> RunAsync(string seed) =>
            CliRun.OfAsync("sim", "run", file, "--policy", "vio", "--seed", seed, "--json");
        var first = await RunAsync("7");
        Assert.Equal(first.Out, (await RunAsync("7")).Out);
        Assert.NotEqual(first.Out, (await RunAsync("8")).Out);
        var report = Assert.Single(JsonDocument.Parse(first.Out).RootElement.EnumerateArray());
        Assert.Equal("vio", report.GetProperty("policy").GetString());
        Assert.True(report.GetProperty("energyKwh").GetDouble() > 0);
        Assert.Equal(8, report.GetProperty("environments").GetArrayLength());
    }

    [Fact]
    public async Task Wrong_files_and_policies_are_wrong_usage()
    {
        using var folder = new TemporaryFolder();
        var file = await ExampleAsync(folder);
        Assert.Equal(ExitCode.WrongUsage, (await CliRun.OfAsync("sim", "run", file, "--policy", "best")).Code);
        Assert.Equal(ExitCode.WrongUsage, (await CliRun.OfAsync("sim", "run", file + ".not")).Code);
        await File.AppendAllTextAsync(file, "\nsurprise: 1\n", TestContext.Current.CancellationToken);
        var wrong = await CliRun.OfAsync("sim", "run", file);
        Assert.Equal(ExitCode.WrongUsage, wrong.Code);
        Assert.Contains("'surprise'", wrong.Error);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        var (file, result) = (await ExampleAsync(folder), Path.Combine(folder.Path, "result"));
        var host = CliRun.HostOf();
        host.Interrupts.Raise();
        var run = await CliRun.OfAsync(host, ["sim", "run", file, "--out", result]);
        Assert.Equal((ExitCode.Failed, ""), (run.Code, run.Out));
        Assert.Contains("Interrupted", run.Error);
        Assert.False(Directory.Exists(result));
    }
}

using VioActors.Contracts.Adaptation;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Cli.Fleet;
using VioActors.Daemon.Shell;
using VioActors.Simulation.World;

namespace VioActors.Daemon.Tests.Cli;

public sealed class WorldFileTests
{
    private const string Small =
        """
        length: 10m
        sites:
          - name: d1
            hosts: [{count: 2, cores: 2, memory: 4GiB}]
        environments:
          - name: a
            kind: phased
            nodes: 3
            memory: 512MiB
            phases: [{work: 60}]
        """;

    private static WorldFile Parse(string text, string directory = "/nonexistent") =>
        WorldFile.Parse("f.yaml", text, directory);

    private static string Refused(string text) => Assert.Throws<SpecException>(() => Parse(text)).Message;

    [Fact]
    public void Reads_every_option_of_the_example()
    {
        var (setup, policies, options) = Parse(EmbeddedScript.Text("fleet.yaml"));

        Assert.Equal(["none", "violin-2007", "vio", "vio-saving"], policies);
        Assert.Equal((600, 0), (options.Horizon.TotalSeconds, options.SpareHosts));
        Assert.Equal((10, 8 + 6 * 4 + 6, TimeSpan.FromSeconds(5)), (setup.Hosts, setup.Nodes, setup.Step));
        Assert.Equal((0.1, 60.0), (setup.Sites[0].Refuses, setup.Sites[0].MostPriceSeconds));
        Assert.Equal(135, setup.Sites[1].Hosts[0].Power.Full);
        var nemo = Assert.IsType<PhasedSetup>(setup.Loads[0]);
        Assert.Equal((2.0, 0.5, 0), (nemo.Phases[0].CpuDemand, nemo.Phases[1].CpuDemand, nemo.Site));
        Assert.Equal(["sweep-1", "sweep-6"], [setup.Loads[1].Name, setup.Loads[6].Name]);
        var shop = Assert.IsType<ServiceSetup>(setup.Loads[7]);
        Assert.Equal(
            (0.006, 0.6, 2.0, true), (shop.CpuSecondsPerRequest, shop.DailySwing, shop.Bursts!.Times, shop.Apart));
        Assert.Equal((1, TimeSpan.FromHours(4)), setup.Failures.Known[0]);
        // What it calls defaults are the defaults.
        Assert.Equal(new CopySetup(), setup.Copy);
    }

    [Theory]
    [InlineData("length: 10m", "lenght: 10m", "f.yaml:1:1", "'lenght'")]
    [InlineData("length: 10m", "length: 40d", "f.yaml:1:1", "40 days")]
    [InlineData("length: 10m", "length: 0s", "f.yaml:1:9", "more than 0")]
    [InlineData("length: 10m", "seed: -1", "f.yaml:1:7", "'-1'")]
    [InlineData("length: 10m", "planEvery: 1500ms", "f.yaml:1:12", "multiple")]
    [InlineData("length: 10m", "planEvery: 2h", "f.yaml:1:12", "3600 whole seconds")]
    [InlineData("length: 10m", "step: 500ms\nplanEvery: 1500ms", "f.yaml:2:12", "whole seconds")]
    [InlineData("length: 10m", "mode: mad", "f.yaml:1:7", "'mad'")]
    [InlineData("length: 10m", "mode: 2", "f.yaml:1:7", "'2'")]
    [InlineData("length: 10m", "failures: {moves: 120%}", "f.yaml:1:19", "'120%'")]
    [InlineData("length: 10m", "failures: {moves: -Infinity}", "f.yaml:1:19", "'-Infinity'")]
    [InlineData("length: 10m", "people: [{environment: a, at: 1m}]", "f.yaml:1:10", "sets nothing")]
    [InlineData("length: 10m", "people: [{environment: b, at: 1m, weight: 2}]", "f.yaml:1:24", "'b'")]
    [InlineData("length: 10m", "people: [{environment: a, at: 1m, weight: 0}]", "f.yaml:1:43", "'0'")]
    [InlineData("length: 10m", "policies: [best]", "f.yaml:1:12", "'best'")]
    [InlineData("length: 10m", "sitesSee: much", "f.yaml:1:11", "'much'")]
    [InlineData("count: 2", "count: 3000", "f.yaml:4:21", "'3000'")]
    [InlineData("cores: 2", "cores: NaN", "f.yaml:4:31", "'NaN'")]
    [InlineData("cores: 2", "cores: 1e3", "f.yaml:4:31", "'1e3'")]
    [InlineData("memory: 4GiB", "power: ml110-g4", "f.yaml:4:13", "'memory'")]
    [InlineData("memory: 4GiB", "memory: 4GiB, power: 5 4 3", "f.yaml:4:55", "5 4 3")]
    [InlineData("name: d1", "name: D1", "f.yaml:3:11", "D1")]
    [InlineData("kind: phased", "kind: magic", "f.yaml:7:11", "'magic'")]
    [InlineData("kind: phased", "kind: service", "f.yaml:10:5", "'phases'")]
    [InlineData("kind: phased", "kind: phased\n    site: mars", "f.yaml:8:11", "'mars'")]
    [InlineData("kind: phased", "kind: phased\n    memoryUse: 120%", "f.yaml:8:16", "'120%'")]
    [InlineData("nodes: 3", "nodes: 20001", "f.yaml:8:12", "'20001'")]
    [InlineData("[{work: 60}]", "[]", "f.yaml:10:13", "no phase")]
    [InlineData("[{work: 60}]", "[{work: 60, demand: 2}]", "f.yaml:10:33", "from 0.01 to 1")]
    [InlineData("length: 10m", "vio: {horizon: 0}", "f.yaml:1:16", "'0'")]
    [InlineData("length: 10m", "vio: {relieved: 0.95}", "f.yaml:1:6", "crowded")]
    [InlineData("length: 10m", "failures: {known: [{host: d1-h9, at: 1m}]}", "f.yaml:1:27", "d1-h9")]
    public void What_is_wrong_is_named_with_its_place(string good, string bad, string place, string word)
    {
        Assert.NotNull(Parse(Small));
        var said = Refused(Small.Replace(good, bad, StringComparison.Ordinal));
        Assert.StartsWith(place + ":", said);
        Assert.Contains(word, said);
    }

    [Fact]
    public void Modes_failures_and_people_are_read()
    {
        var setup = Parse(Small.Replace(
            "length: 10m",
            "mode: partial\nfailures: {balloons: 5%, moves: 0.1}\npeople: [{environment: a, at: 1m, limit: 50}]",
            StringComparison.Ordinal)).Setup;
        Assert.Equal(AdaptMode.Partial, setup.Mode);
        Assert.Equal((0.05, 0.1), (setup.Failures.BalloonsRefused, setup.Failures.MovesFail));
        Assert.Equal(new PersonSetup("a", TimeSpan.FromMinutes(1)) { CpuQuotaPercent = 50 }, setup.People[0]);
        Assert.Equal(AdaptMode.Automatic, Parse(Small).Setup.Mode);
    }

    [Fact]
    public void Names_are_there_once() => Assert.Contains("twice", Refused(
        Small + "\n  - {name: a, kind: service, memory: 1GiB, requests: 1}\n"));

    [Fact]
    public void Traces_come_from_a_folder_beside_the_file_and_bad_lines_are_named()
    {
        using var folder = new TemporaryFolder();
        var traces = Directory.CreateDirectory(Path.Combine(folder.Path, "day"));
        for (var file = 1; file <= 5; file++)
            File.WriteAllLines(
                Path.Combine(traces.FullName, $"m{file}"), Enumerable.Repeat($"{10 * file} {file * 30}", 288));
        const string environment =
            "\n  - {name: t, kind: traces, files: day, columns: cpu-memory, memory: 1GiB, group: 2, take: 5}\n";
        var setup = Parse(Small + environment, folder.Path).Setup;
        var read = setup.Loads.OfType<TraceSetup>().ToList();
        Assert.Equal(["t-1", "t-2", "t-3"], read.Select(one => one.Name));
        Assert.Equal((2, 1, 0.5), (read[0].Nodes, read[2].Nodes, read[2].Cpu[0].At(100)));
        // More memory than booked counts as all of it.
        Assert.Equal(1, read[2].Memory[0].At(100));

        File.WriteAllText(Path.Combine(traces.FullName, "m3"), "10 10\nten 10\n");
        var bad = Assert.Throws<SpecException>(() => Parse(Small + environment, folder.Path));
        Assert.StartsWith("f.yaml:11:", bad.Message);
        Assert.Contains("m3", bad.Message);
        Assert.Contains("does not exist", Assert.Throws<SpecException>(() => Parse(Small + environment)).Message);
    }
}

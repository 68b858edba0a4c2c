using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using VioActors.Actors.Host;
using VioActors.Contracts;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;
using VioActors.Daemon.Server;
using VioActors.Daemon.Tests.Cli;
using VioActors.Host.Tests.Server;
using VioActors.Simulation;

namespace VioActors.Daemon.Tests.BadInput;

/// <summary>
/// The production server and production agents in this process, over simulated machines; driven by the real command
/// line.
/// </summary>
internal sealed class SimulatedSite : IAsyncDisposable
{
    public const int HostMemoryMiB = 1024;

    private readonly string _directory = Directory.CreateTempSubdirectory("vio-bad-").FullName;
    private readonly List<SimAgent> _agents = [];

    private SimulatedSite(TestSite site, SimSpeeds speeds) => (Site, World) = (site,
        new SimWorld(TimeProvider.System, speeds));

    public TestSite Site { get; private set; }

    public SimWorld World { get; }

    /// <summary>A site with an image <c>tiny</c> and the hosts h1, h2, ...</summary>
    public static async Task<SimulatedSite> StartAsync(int hosts = 2)
    {
        var speeds = new SimSpeeds
        {
            Boot = TimeSpan.FromMilliseconds(100),
            Balloon = TimeSpan.FromMilliseconds(20),
            Shutdown = TimeSpan.FromMilliseconds(20),
        };
        var site = new SimulatedSite(await TestSite.StartAsync(graceSeconds: 1), speeds);
        for (var number = 1; number <= hosts; number++) await site.JoinAsync($"h{number}");
        await site.AddImageAsync();
        return site;
    }

    /// <summary>Joins one more simulated host.</summary>
    public async Task JoinAsync(string name)
    {
        var agent = new SimAgent(OptionsOf(name), World, TimeProvider.System, NullLogger.Instance);
        _agents.Add(agent);
        await agent.JoinAsync(await Site.JoinTokenAsync(name), CancellationToken.None);
        await Until.TrueAsync(async () => (await HostAsync(name)).GetProperty("status").GetString() == "connected");
    }

    public AgentOptions OptionsOf(string name) => new()
    {
        Name = name,
        DataDirectory = Path.Combine(_directory, name),
        RunDirectory = Path.Combine(_directory, name,
            "run"),
        Hypervisor = "sim",
        MemoryMiB = HostMemoryMiB,
        Cores = 2,
        SwitchListen = "127.0.0.1:7402",
        MoveListen = "127.0.0.1:7403",
    };

    /// <summary>The machine goes off with everything on it, its agent too; waits until the site has noticed.</summary>
    public async Task KillHostAsync(string name)
    {
        var machine = await SimAsync(name);
        machine.Kill();
        await _agents.Single(agent => agent.Name == name).DisposeAsync();
        await Until.TrueAsync(async () => (await Site.Actors.HostAsync(machine.Id))?.Presence == HostPresence.Away);
    }

    /// <summary>
    /// Ends the server, does this to its store's file, and starts another at the same address; waits until it answers
    /// and all agents are there again.
    /// </summary>
    public Task RestartServerAsync(Action<string> meanwhile) => RestartServerAsync(store =>
    {
        meanwhile(store);
        return Task.CompletedTask;
    });

    /// <summary>The same with something that takes its time.</summary>
    public async Task RestartServerAsync(Func<string, Task> meanwhile)
    {
        var address = Site.Get<Listeners>().FabricAddress;
        var options = await Site.StopAsync();
        try
        {
            await meanwhile(options.StoreAddress.Path!);
        }
        finally
        {
            Site = await TestSite.StartAsync(options: options with { FabricListen = address });
        }
        await Until.TrueAsync(() => Site.Agents.All.Count() == _agents.Count);
    }

    /// <summary>Ends the agent of a host without a word and starts another over the same machines.</summary>
    public Task RestartAgentAsync(string name) => _agents.Single(agent => agent.Name == name).RestartAsync();

    public async Task<SimHost> SimAsync(string name) =>
        World.Find(HostId.From((await HostAsync(name)).GetProperty("id").GetString()!))!;

    public async Task<JsonElement> HostAsync(string name) => (await JsonAsync("host", "ls")).EnumerateArray()
        .FirstOrDefault(host => host.GetProperty("name").GetString() == name);

    public async Task<string?> HostOfAsync(string node) =>
        (await JsonAsync("node", "show", node)).GetProperty("hostName").GetString();

    /// <summary>Runs the command line as this machine's administrator.</summary>
    public Task<CliRun> VioAsync(params string[] args) => VioAsync("", args);

    /// <summary>The same with standard input.</summary>
    public Task<CliRun> VioAsync(string input, string[] args) =>
        CliRun.OfAsync(CliRun.HostOf(input: input), [.. args, "--server", "unix:" + Site.Options.ApiSocket]);

    /// <summary>Runs a command that must succeed, for its JSON.</summary>
    public async Task<JsonElement> JsonAsync(params string[] args)
    {
        var run = await VioAsync([.. args, "--json"]);
        Assert.True(run.Code == ExitCode.Done, run.Error);
        return JsonElement.Parse(run.Out.Trim().Split('\n')[^1]);
    }

    public Task<CliRun> ApplyAsync(string yaml) => VioAsync(yaml, ["env", "apply", "-f", "-"]);

    /// <summary>An environment with these lines per node, each beside a name and an image.</summary>
    public static string Yaml(string name, params string[] nodes) =>
        $"name: {name}\nsubnet: 10.10.0.0/24\nreadyTimeout: 20s\nnodes:\n"
        + string.Concat(nodes.Select((more, i) => $"  - {{ name: n{i + 1}, image: tiny, memory: 64MiB{more} }}\n"));

    /// <summary>An environment that runs.</summary>
    public async Task RunAsync(string name, params string[] nodes)
    {
        var run = await ApplyAsync(Yaml(name, nodes));
        Assert.True(run.Code == ExitCode.Done, run.Error);
    }

    /// <summary>Nothing is left: no environment, booking, machine, disk, way in, or entry of a switch.</summary>
    public async Task NothingIsLeftAsync()
    {
        Assert.Empty((await JsonAsync("env", "ls")).EnumerateArray());
        foreach (var agent in _agents)
        {
            var host = await HostAsync(agent.Name);
            Assert.Equal(0, host.GetProperty("bookedMemoryMiB").GetInt32());
            Assert.Equal(0, host.GetProperty("nodes").GetArrayLength());
            Assert.False((await SimAsync(agent.Name)).KeepsAnything, $"{agent.Name} keeps something");
            using var admin = Site.Local();
            await Until.TrueAsync(async () =>
                JsonElement.Parse(await admin.GetStringAsync($"hosts/{agent.Name}/switch"))
                .GetProperty("environments").GetArrayLength() == 0);
        }
        Assert.Empty(World.Violations);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents) await agent.DisposeAsync();
        await Site.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task AddImageAsync()
    {
        var path = Path.Combine(_directory, "image");
        await File.WriteAllBytesAsync(path, new byte[512]);
        var run = await VioAsync("image", "add", "tiny", "--kernel", path, "--initrd", path, "--disk", path,
            "--disk-format", "raw");
        Assert.True(run.Code == ExitCode.Done, run.Error);
    }
}

using System.Globalization;
using System.Text.Json;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Demo;

/// <summary>
/// Fills a lab: writes the configuration, starts the server, lets every host join, starts the agents.
/// </summary>
internal sealed class LabPopulation(TimeProvider time)
{
    private const int ApiPort = 7001;
    private const int FabricPort = 7002;
    private const int SwitchPort = 7003;
    private const int MovePort = 7004;
    private const int LastLines = 4;
    private const int HostMemoryMiB = 4096;
    private const int HostDiskMiB = 16_384;
    private static readonly TimeSpan ServerTime = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan AgentTime = TimeSpan.FromSeconds(40);
    private static readonly JsonSerializerOptions Pretty = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly ProcessRunner _runner = new(time);

    /// <summary>For <see cref="LabCommands.Create"/> and <see cref="LabFactory.UpAsync"/>.</summary>
    public static Task PopulateAsync(LabInstance lab, IProgress<LabEvent> progress, CancellationToken cancel) =>
        new LabPopulation(TimeProvider.System).RunAsync(lab, progress, cancel);

    /// <summary>Where a lab's server has its API.</summary>
    public static ServerAddress AddressOf(LabPlan plan) =>
        ServerAddress.Parse(Path.Combine(plan.Server.RunDirectory, "api.sock"), null, null, $"lab {plan.Id}");

    private async Task RunAsync(LabInstance lab, IProgress<LabEvent> progress, CancellationToken cancel)
    {
        WriteServer(lab);
        lab.Start(LabDefaults.Server(lab.Plan, lab.Program));
        using var api = new ApiClient(new ApiConnection(AddressOf(lab.Plan), RetryPolicy.Terminal, time));
        await UntilAsync(
            "the lab's server to serve", ServerTime,
            async () => (await api.HealthAsync(cancel)).Serving, () => LastWords(lab, "server"), cancel);
        progress.Report(new LabEvent($"lab {lab.Plan.Id}: hosts join", 0.8));
        await Task.WhenAll(lab.Hosts.Select(host => JoinAsync(lab, host, api, cancel)));
        await UntilAsync(
            "the lab's hosts to connect", AgentTime,
            async () => (await api.HostsAsync(cancel)).Count(host => host.Status == "connected") == lab.Hosts.Count,
            () => string.Join(' ', lab.Hosts.Select(host => LastWords(lab, $"{host.Name}-agent"))), cancel);
    }

    private static void WriteServer(LabInstance lab) => Write(lab.Server, "site.json", new
    {
        name = "lab",
        dataDirectory = "/var/lib/vio",
        apiSocket = "/run/vio/api.sock",
        apiListen = $"{lab.Server.Address}:{ApiPort}",
        fabricListen = $"{lab.Server.Address}:{FabricPort}",
        fabricNames = new[] { lab.Server.Address },
    });

    private async Task JoinAsync(LabInstance lab, LabMachine host, ApiClient api, CancellationToken cancel)
    {
        WriteAgent(lab, host, unsafeNoIsolation: false);
        var token = await api.JoinTokenAsync(host.Name, minutes: 5, cancel);
        var join = lab.In(
            host, [.. lab.Program.Command, "agent", "join", "--token-file", "-", "--config", "/etc/vio/agent.json"]);
        await _runner.RunAsync(join with { Input = token.Token + "\n", Environment = lab.Program.Environment }, cancel);
        lab.Start(LabDefaults.Agent(host, lab.Program));
    }

    /// <summary>Writes the configuration of a host's agent.</summary>
    public static void WriteAgent(LabInstance lab, LabMachine host, bool unsafeNoIsolation) =>
        Write(host, "agent.json", new
        {
            name = host.Name,
            dataDirectory = "/var/lib/vio",
            runDirectory = "/run/vio",
            hypervisor = "qemu",
            memoryMiB = HostMemoryMiB,
            cores = Math.Max(host.Cores.Count, 1),
            diskMiB = HostDiskMiB,
            switchListen = $"{host.Address}:{SwitchPort}",
            moveListen = $"{host.Address}:{MovePort}",
            switchd = new { uid = lab.Plan.UserId, gid = lab.Plan.UserId, unsafeNoIsolation },
            accelerator = "tcg",
        });

    private static void Write(LabMachine machine, string file, object content)
    {
        var path = Path.Combine(machine.ConfigDirectory, file);
        File.WriteAllText(path, JsonSerializer.Serialize(content, Pretty));
        File.SetUnixFileMode(
            path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private static string LastWords(LabInstance lab, string log)
    {
        var path = Path.Combine(lab.Plan.LogDirectory, log + ".log");
        return File.Exists(path) ? $"{log} said: {string.Join(' ', File.ReadLines(path).TakeLast(LastLines))}"
            : $"{log} said nothing.";
    }

    private async Task UntilAsync(
        string what, TimeSpan patience, Func<Task<bool>> holds, Func<string> words, CancellationToken cancel)
    {
        if (await SiteStart.UntilAsync(holds, patience, time, cancel) is not { } last) return;
        throw new LabException(string.Create(
            CultureInfo.InvariantCulture, $"Waited {patience.TotalSeconds:0} s for {what}: {last}. {words()}"));
    }
}

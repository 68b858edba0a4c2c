using VioActors.Daemon.Lab;
using VioActors.Daemon.Shell;

namespace VioActors.EndToEnd.Lab;

public sealed class LabTests : IDisposable
{
    private static readonly Progress<LabEvent> Silent = new();
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(2));
    private readonly ProcessRunner _runner = new(TimeProvider.System);
    private readonly Signals _signals = new(new ProcessRunner(TimeProvider.System), TimeProvider.System);

    public void Dispose() => _deadline.Dispose();

    [Fact]
    public async Task Two_labs_run_at_once_and_go_without_a_trace()
    {
        await SkipWithoutLabAsync();
        await using var one = await UpAsync();
        await using var two = await UpAsync();
        Assert.True(one.Inventory().LeftOver > 0, "a living lab must count as something");
        await PingAsync(one, one.Hosts[0], one.Hosts[1]);
        await PingAsync(two, two.Server, two.Hosts[1]);

        var left = await one.DownAsync(_deadline.Token);
        Assert.Equal([], left.Describe());
        await PingAsync(two, two.Hosts[0], two.Hosts[1]);
        Assert.Equal([], (await two.DownAsync(_deadline.Token)).Describe());
    }

    [Fact]
    public async Task A_killed_process_comes_back_and_an_unprivileged_one_has_no_capabilities()
    {
        await SkipWithoutLabAsync();
        await using var lab = await UpAsync();
        lab.Start(new LabProcess
        {
            Name = "server/idle",
            Machine = lab.Server,
            Command = ["sleep", "infinity"],
            UserId = lab.Plan.UserId,
        });
        var first = lab.PidOf("server/idle");
        Assert.True(await _signals.WaitAsync(
            () => Status(first).StartsWith("Name:\tsleep\n", StringComparison.Ordinal), Patience));
        var status = Status(first).Split('\n');
        Assert.Contains($"Uid:\t{lab.Plan.UserId}\t{lab.Plan.UserId}\t{lab.Plan.UserId}\t{lab.Plan.UserId}", status);
        Assert.Contains("CapEff:\t0000000000000000", status);
        Assert.Contains("CapBnd:\t0000000000000000", status);

        await lab.KillAsync("server/idle", _deadline.Token);
        Assert.True(await _signals.WaitAsync(() => lab.PidOf("server/idle") is { } pid && pid != first, Patience));
        await lab.StopAsync("server/idle", _deadline.Token);
        Assert.Null(lab.PidOf("server/idle"));
    }

    [Fact]
    public async Task Our_executable_starts_as_the_unprivileged_user()
    {
        await SkipWithoutLabAsync();
        await using var lab = await UpAsync();
        var process = new LabProcess
        {
            Name = "server/help",
            Machine = lab.Server,
            Command = [.. lab.Program.Command, "lab", "--help"],
            Environment = lab.Program.Environment,
            UserId = lab.Plan.UserId,
            Restart = false,
        };
        lab.Start(process);
        var log = Path.Combine(lab.Plan.LogDirectory, "server-help.log");
        var shown = await _signals.WaitAsync(
            () => File.Exists(log) && File.ReadAllText(log).Contains("status", StringComparison.Ordinal), Patience);
        Assert.True(shown, File.ReadAllText(log));
    }

    [Fact]
    public async Task A_lab_whose_starter_was_killed_is_cleaned_from_outside()
    {
        await SkipWithoutLabAsync();
        var id = LabOptions.NewId();
        var vio = Path.Combine(AppContext.BaseDirectory, "vio.dll");
        await _runner.RunAsync(new ProcessCommand("dotnet", vio, "lab", "up", "--id", id, "--hosts", "1")
        {
            Timeout = TimeSpan.FromMinutes(2),
        });
        var root = Path.Combine(LabPlan.DefaultBaseDirectory, id);
        var supervisor = PidRecord.Load(Path.Combine(root, "pids", "supervisor"))!.Value;
        var again = await _runner.TryAsync(new ProcessCommand("dotnet", vio, "lab", "up", "--id", id));
        Assert.Equal(1, again.ExitCode);
        Assert.Contains($"Lab {id} exists", again.Error, StringComparison.Ordinal);

        Signals.Kill(supervisor);
        Assert.True(await _signals.WaitAsync(() => !supervisor.IsAlive, Patience));
        var status = await _runner.RunAsync(new ProcessCommand("dotnet", vio, "lab", "status", "--json"));
        Assert.Contains($"\"id\":\"{id}\",\"phase\":\"abandoned\"", status, StringComparison.Ordinal);
        Assert.NotEmpty(LabInventory.FindProcesses(id));

        var down = await _runner.RunAsync(new ProcessCommand("dotnet", vio, "lab", "down", "--id", id, "--json"));
        Assert.Contains("\"left_over\":0", down, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_left_on_purpose_is_counted()
    {
        await SkipWithoutLabAsync();
        var lab = await UpAsync();
        const string Tap = "violeftover001";
        await _runner.RunAsync(new ProcessCommand("ip", "tuntap", "add", "dev", Tap, "mode", "tap"));
        try
        {
            var left = await lab.DownAsync(_deadline.Token);
            Assert.Equal([$"link {Tap}"], left.Describe());
            Assert.Equal(1, left.LeftOver);
        }
        finally
        {
            await _runner.RunAsync(new ProcessCommand("ip", "link", "del", Tap));
        }

        Assert.Equal(0, lab.Inventory().LeftOver);
    }

    [Fact]
    public async Task A_failure_on_the_way_up_leaves_nothing()
    {
        await SkipWithoutLabAsync();
        var options = new LabOptions();
        await Assert.ThrowsAsync<LabException>(() => new LabFactory(TimeProvider.System).UpAsync(
            options, (_, _, _) => throw new LabException("on purpose"), Silent, _deadline.Token));
        var left = LabInventory.Take(options.Id, options.BaseDirectory, LabInventory.LinkNames());
        Assert.Equal([], left.Describe());
    }

    [Fact]
    public async Task A_lab_in_a_chroot_is_refused_before_it_makes_anything()
    {
        await SkipWithoutLabAsync();
        var root = Directory.CreateTempSubdirectory("vio-chroot-");
        const string Script = "mount --rbind / \"$1\" && exec chroot \"$1\" dotnet \"$2\" lab up --id chroot";
        var result = await _runner.TryAsync(
            new ProcessCommand(
                "unshare", "--mount", "--", "sh", "-c", Script, "sh", root.FullName,
                Path.Combine(AppContext.BaseDirectory, "vio.dll")),
            _deadline.Token);
        root.Delete();

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("A lab cannot run in a chroot", result.Error, StringComparison.Ordinal);
        var left = LabInventory.Take("chroot", LabPlan.DefaultBaseDirectory, LabInventory.LinkNames());
        Assert.Equal([], left.Describe());
    }

    private static TimeSpan Patience => TimeSpan.FromSeconds(20);

    private static async Task SkipWithoutLabAsync()
    {
        try
        {
            await LabBuilder.CheckMachineAsync(new ProcessRunner(TimeProvider.System), CancellationToken.None);
        }
        catch (LabException reason)
        {
            Assert.Skip(reason.Message);
        }
    }

    private static string Status(int? pid)
    {
        var path = $"/proc/{pid}/status";
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    private Task<LabInstance> UpAsync() => new LabFactory(TimeProvider.System).UpAsync(
        new LabOptions(), (_, _, _) => Task.CompletedTask, Silent, _deadline.Token);

    private async Task PingAsync(LabInstance lab, LabMachine from, LabMachine to)
    {
        // busybox's ping: minimal systems lack another.
        var ping = lab.In(from, "busybox", "ping", "-c", "1", "-W", "5", to.Address);
        Assert.Contains("1 packets received", await _runner.RunAsync(ping, _deadline.Token), StringComparison.Ordinal);
    }
}

using System.Diagnostics;
using VioActors.Contracts;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Guest;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Demo;

/// <summary>The real place: a lab of two hosts with libvirt and QEMU.</summary>
internal sealed class LabSite : IDemoSite
{
    // "vio" and 11 characters, as all our links outside of namespaces: what the inventory must count.
    private const string LinkOnPurpose = "viocontroltap0";
    private const string IdPrefix = "demo";
    private const int IdLength = 8;
    private static readonly TimeSpan KillTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CrossingTime = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(500);
    private readonly LabInstance _lab;
    private readonly TimeProvider _time;
    private readonly GuestImage _image;
    private readonly ProcessRunner _runner;
    private readonly Signals _signals;
    private DemoLeftOver? _left;

    private LabSite(LabInstance lab, GuestImage image, ProcessRunner runner, TimeProvider time)
    {
        (_lab, _image, _runner, _time) = (lab, image, runner, time);
        _signals = new Signals(runner, time);
        Address = LabPopulation.AddressOf(lab.Plan);
    }

    /// <inheritdoc/>
    public string Hypervisor => "qemu";

    /// <inheritdoc/>
    public bool HasGuests => true;

    /// <inheritdoc/>
    public ServerAddress Address { get; }

    /// <summary>Builds the guest and brings the lab up.</summary>
    public static async Task<LabSite> UpAsync(IStepView view, TimeProvider time, CancellationToken cancel)
    {
        var runner = new ProcessRunner(time);
        await LabBuilder.CheckMachineAsync(runner, cancel);
        foreach (var id in Abandoned(LabStatus.All(LabPlan.DefaultBaseDirectory)))
        {
            view.At(0.02, $"removing lab {id} of a killed demo");
            await new LabCleanup(runner, time).RunAsync(id, LabPlan.DefaultBaseDirectory, cancel);
        }

        view.At(0.05, "guest image from Debian packages (downloaded once, never installed)");
        var image = await new GuestImageBuilder(runner, GuestImageBuilder.DefaultCache).BuildAsync(cancel);
        var progress = new ViewProgress(view);
        var options = new LabOptions { Id = IdPrefix + LabOptions.NewId()[1..5] };
        var lab = await new LabFactory(time).UpAsync(options, LabPopulation.PopulateAsync, progress, cancel);
        return new LabSite(lab, image, runner, time);
    }

    /// <summary>The labs of demos that were killed: what they started goes on, and nobody will end it.</summary>
    internal static IEnumerable<string> Abandoned(IEnumerable<LabStatus> labs) =>
        from lab in labs
        where lab.Id.Length == IdLength && lab.Id.StartsWith(IdPrefix, StringComparison.Ordinal)
        where lab.Processes.Any(process => process is { Name: LabInstance.SupervisorRecord, Alive: false })
        select lab.Id;

    /// <inheritdoc/>
    public async Task AddImagesAsync(ApiClient api, IStepView view, CancellationToken cancel)
    {
        view.At(0.95, "images");
        var upload = new ImageUpload(api.Images, _ => { });
        var files = new ImageFiles(
            "tiny", _image.KernelPath, _image.InitrdPath, null, null, GuestImage.KernelArguments);
        await upload.AddAsync(files, cancel);
        await upload.AddAsync(files with { Name = "tiny-disk", Disk = _image.DiskPath, DiskFormat = "raw" }, cancel);
    }

    /// <inheritdoc/>
    public int? ServerPid => _lab.PidOf("server");

    /// <inheritdoc/>
    public Task KillServerAsync(CancellationToken cancel) => _lab.KillAsync("server", cancel);

    /// <inheritdoc/>
    public Task KillAgentAsync(string host, CancellationToken cancel) => _lab.KillAsync($"{host}/agent", cancel);

    /// <inheritdoc/>
    public async Task KillSwitchAsync(string host, CancellationToken cancel)
    {
        var machine = _lab.Hosts.Single(one => one.Name == host);
        var switchd = ProcessTable.Find("/" + machine.Namespace, "switchd")
            ?? throw new DemoFailedException($"Host {host} runs no switchd.");
        Signals.Kill(switchd);
        await _signals.WaitAsync(() => !switchd.IsAlive, KillTime, cancel);
    }

    /// <inheritdoc/>
    public int CopiesRunning(NodeId node) => ProcessTable.CountUuid(node.Value);

    /// <inheritdoc/>
    public TimeSpan? CpuTime(NodeId node) => ProcessTable.CpuTime(node.Value);

    /// <inheritdoc/>
    public async Task<int?> CopiesWithOneMoreAsync(NodeId node, CancellationToken cancel)
    {
        // A shell that waits for a standard input nobody writes to; it ends when that closes.
        using var marker = Process.Start(new ProcessStartInfo("sh", ["-s", "--", "-uuid", node.Value])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        }) ?? throw new DemoFailedException("The control process could not be started.");
        try
        {
            return CopiesRunning(node);
        }
        finally
        {
            marker.StandardInput.Close();
            await marker.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async Task<long?> CrossingsWithoutIsolationAsync(ApiClient api, CancellationToken cancel)
    {
        // Both must be new: an agent writes its switch's configuration only when it starts one.
        foreach (var host in _lab.Hosts)
        {
            LabPopulation.WriteAgent(_lab, host, unsafeNoIsolation: true);
            await KillAgentAsync(host.Name, cancel);
            await KillSwitchAsync(host.Name, cancel);
        }

        long crossed = 0;
        for (var started = _time.GetTimestamp(); crossed == 0 && _time.GetElapsedTime(started) < CrossingTime;)
        {
            await Task.Delay(LookPause, _time, cancel);
            crossed = await Step2Isolation.CountedAsync(api, cancel);
        }

        return crossed;
    }

    /// <inheritdoc/>
    public async Task<int?> LeftOverWithOneMoreAsync(CancellationToken cancel)
    {
        var before = _lab.Inventory().Links.Count;
        await _runner.RunAsync(new ProcessCommand("ip", "tuntap", "add", LinkOnPurpose, "mode", "tap"), cancel);
        try
        {
            return _lab.Inventory().Links.Count - before;
        }
        finally
        {
            await _runner.TryAsync(
                new ProcessCommand("ip", "tuntap", "del", LinkOnPurpose, "mode", "tap"), CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async Task<DemoLeftOver> DownAsync(CancellationToken cancel)
    {
        if (_left is { Count: 0 }) return _left;
        var left = await _lab.DownAsync(cancel);
        return _left = new DemoLeftOver(left.LeftOver, [.. left.Describe()]);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _left is { Count: 0 } ? ValueTask.CompletedTask : _lab.DisposeAsync();

    private sealed class ViewProgress(IStepView view) : IProgress<LabEvent>
    {
        public void Report(LabEvent value)
        {
            if (value.Fraction is { } done) view.At(0.2 + (done * 0.7), value.Text);
        }
    }
}

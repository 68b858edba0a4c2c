using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Agent.Switching;
using VioActors.Daemon.Shell;
using VioActors.Host.Tests.Server;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>The supervisor against a real switch; another process stands for its life.</summary>
public sealed class SwitchSupervisorTests : IAsyncDisposable
{
    private readonly Site _site = new();
    private readonly AgentIdentity _identity;
    private readonly AgentOptions _options;
    private readonly SwitchProcess _process;
    private readonly Process _life = Process.Start("sleep", "300");
    private SwitchDaemon? _daemon;

    public SwitchSupervisorTests()
    {
        _identity = _site.Agent("h1");
        _options = new AgentOptions
        {
            Name = "h1",
            DataDirectory = _site.Directory_("data"),
            RunDirectory = _site.Directory_("run"),
            MemoryMiB = 64,
            Cores = 1,
            SwitchListen = "127.0.0.1:7402",
            MoveListen = "127.0.0.1:7403",
        };
        _process = new SwitchProcess(_options, new ProcessRunner(TimeProvider.System));
        Directory.CreateDirectory(_options.SwitchDirectory);
        PidRecord.Of(_life.Id)!.Value.Save(Path.Combine(_options.RunDirectory, "switchd.pid"));
    }

    [Fact]
    public async Task ARenewalThatFailedIsMadeUpForAsync()
    {
        using var stop = new CancellationTokenSource();
        await using var supervisor = new SwitchSupervisor(
            _options, _identity, _process, TimeProvider.System, NullLogger.Instance);
        await StartDaemonAsync();
        var running = supervisor.RunAsync(stop.Token);
        await Until.TrueAsync(HasIdentityAsync);

        // The renewal meets a switch that does not answer for a moment, though its process lives.
        await _daemon!.DisposeAsync();
        _identity.Renew(_site.RenewedPem(_identity), TimeProvider.System.GetUtcNow());
        await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, CancellationToken.None);
        await StartDaemonAsync();
        await Until.TrueAsync(HasIdentityAsync);

        // And the watch goes on: the next renewal reaches the switch too.
        var before = _identity.Leaf;
        await _daemon.DisposeAsync();
        await StartDaemonAsync();
        _identity.Renew(_site.RenewedPem(_identity), TimeProvider.System.GetUtcNow());
        Assert.NotSame(before, _identity.Leaf);
        await Until.TrueAsync(HasIdentityAsync);
        Assert.False(running.IsCompleted);
        Assert.False(_life.HasExited);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null) await _daemon.DisposeAsync();
        _life.Kill();
        await _life.WaitForExitAsync();
        _life.Dispose();
        _site.Dispose();
    }

    private async Task StartDaemonAsync() => _daemon = await SwitchDaemon.StartAsync(
        new SwitchDaemonOptions
        {
            HostId = _identity.Host.Value,
            SiteId = _identity.Site.Value,
            SiteCaPem = _identity.Trust.Root.ExportCertificatePem(),
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            ControlSocketPath = _process.ControlSocket,
            DisableBridgeFilter = false,
        },
        TimeProvider.System);

    private async Task<bool> HasIdentityAsync()
    {
        await using var client = await SwitchControlClient.ConnectAsync(
            _process.ControlSocket, "test", CancellationToken.None);
        return (await client.GetIdentityAsync(CancellationToken.None)).ExpiresAtUnixSeconds
            == new DateTimeOffset(_identity.Leaf.NotAfter).ToUnixTimeSeconds();
    }
}

using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Shell;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Agent.Switching;

/// <summary>
/// Keeps one switchd running on this host: adopts a living one, starts another with growing pauses when it ends, gives
/// each its identity and the last wanted state, which is kept in a file for the time after a restart of both.
/// </summary>
internal sealed class SwitchSupervisor(
    AgentOptions options, AgentIdentity identity, SwitchProcess process, TimeProvider clock, ILogger log)
    : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StatusLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _applying = new(1, 1);
    private readonly SwitchLink _link = new(process.ControlSocket);
    private X509Certificate2? _told;

    private string WantedFile => Path.Combine(options.DataDirectory, "switch.json");

    /// <summary>Runs until cancelled; the switchd goes on.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var pause = FirstPause;
        while (true)
        {
            var started = clock.GetTimestamp();
            try
            {
                // Also after a failure in the middle of watching: the living one is adopted again and told everything.
                var current = await BeginAsync(cancel);
                await WatchAsync(current, cancel);
                log.SwitchTrouble($"switchd (process {current.Pid}) ended; starting another");
            }
            catch (Exception failed) when (failed is IOException or SwitchRefusedException or ProcessFailedException
                or SocketException or UnauthorizedAccessException or InvalidDataException or OverflowException
                or CryptographicException)
            {
                log.SwitchTrouble(failed.Message);
            }
            if (clock.GetElapsedTime(started) > SteadyAfter) pause = FirstPause;
            await Task.Delay(pause, clock, cancel);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>
    /// Makes the switch as wanted, and remembers it; a state older than the remembered one is ignored.
    /// </summary>
    /// <exception cref="IOException">The switchd does not answer.</exception>
    /// <exception cref="SwitchRefusedException">It refused.</exception>
    public async Task<ApplyReply?> ApplyAsync(SwitchWanted wanted, CancellationToken cancel)
    {
        await _applying.WaitAsync(cancel);
        try
        {
            if (LoadWanted() is { } last && SwitchTranslation.VersionOf(wanted) < SwitchTranslation.VersionOf(last))
                return null;
            File.WriteAllText(WantedFile + ".new", JsonSerializer.Serialize(wanted, Wire.Json));
            File.Move(WantedFile + ".new", WantedFile, overwrite: true);
            return await ApplyAsync(await ConnectAsync(cancel), wanted, cancel);
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>The connection to the living switchd, shared by all who ask; it stays with this object.</summary>
    /// <exception cref="IOException">None answers.</exception>
    public Task<SwitchControlClient> ConnectAsync(CancellationToken cancel) => _link.GetAsync(cancel);

    /// <summary>The ports that the living switchd has.</summary>
    /// <exception cref="IOException">None answers.</exception>
    /// <exception cref="SwitchRefusedException">It refused.</exception>
    public async Task<IReadOnlyList<PortStatus>> PortsAsync(CancellationToken cancel)
    {
        var client = await ConnectAsync(cancel);
        try
        {
            var status = await client.StatusAsync(cancel).WaitAsync(StatusLimit, clock, cancel);
            return [.. status.Environments.SelectMany(environment => environment.Ports)];
        }
        catch (Exception silent) when (silent is TimeoutException or InvalidDataException)
        {
            throw new IOException("switchd gave no answer that can be read", silent);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async Task<PidRecord> BeginAsync(CancellationToken cancel)
    {
        if (process.Find() is { } living)
        {
            if (await AnswersAsync(living, cancel))
            {
                await ConfigureAsync(cancel);
                log.SwitchRuns(living.Pid, "adopted");
                return living;
            }
            SwitchProcess.Kill(living);
        }
        var config = new SwitchdConfig(
            identity.Host, identity.Site, identity.Trust.Root.ExportCertificatePem(), options.SwitchListen,
            process.ControlSocket, options.Switchd.UnsafeNoIsolation, options.Switchd.KeepBridgeFilter,
            options.Switchd.CopyDscp, options.PortSockets, options.SwitchTcpListen, options.Switchd.Lanes);
        var started = await process.StartAsync(config, cancel);
        if (!await AnswersAsync(started, cancel))
        {
            SwitchProcess.Kill(started);
            throw new IOException(
                $"switchd (process {started.Pid}) did not answer within {AnswerLimit.TotalSeconds} s");
        }
        await ConfigureAsync(cancel);
        log.SwitchRuns(started.Pid, "started");
        return started;
    }

    private async Task<bool> AnswersAsync(PidRecord record, CancellationToken cancel)
    {
        for (var started = clock.GetTimestamp(); clock.GetElapsedTime(started) < AnswerLimit && record.IsAlive;)
        {
            try
            {
                var client = await ConnectAsync(cancel);
                var asked = client.GetIdentityAsync(cancel).WaitAsync(AnswerLimit, clock, cancel);
                return (await asked).HostId == identity.Host.Value;
            }
            catch (TimeoutException)
            {
                return false;
            }
            catch (IOException)
            {
                await Task.Delay(LookInterval, clock, cancel);
            }
        }
        return false;
    }

    private async Task WatchAsync(PidRecord record, CancellationToken cancel)
    {
        while (record.IsAlive)
        {
            if (!ReferenceEquals(_told, identity.Leaf)) await ConfigureAsync(cancel);
            await Task.Delay(LookInterval, clock, cancel);
        }
    }

    private async Task ConfigureAsync(CancellationToken cancel)
    {
        await _applying.WaitAsync(cancel);
        try
        {
            var client = await ConnectAsync(cancel);
            var leaf = identity.Leaf;
            var asked = await client.GetIdentityAsync(cancel);
            var until = new DateTimeOffset(leaf.NotAfter).ToUnixTimeSeconds();
            var statement = new IdentityStatement(identity.Site.Value, identity.Host.Value, until, asked.PublicKey);
            await client.InstallIdentityAsync(
                new IdentityInstall(until, identity.Sign(statement.Encode()), leaf.ExportCertificatePem()), cancel);
            _told = leaf;
            if (LoadWanted() is not { } wanted) return;
            var reply = await ApplyAsync(client, wanted, cancel);
            foreach (var error in reply.Errors) log.SwitchTrouble($"{error.Environment}, {error.Item}: {error.Reason}");
        }
        finally
        {
            _applying.Release();
        }
    }

    private async Task<ApplyReply> ApplyAsync(
        SwitchControlClient client, SwitchWanted wanted, CancellationToken cancel)
    {
        var reply = await client.ApplyAsync(
            SwitchTranslation.Translate(wanted, identity.Host, options.SwitchListen, options.NodePorts), cancel);
        foreach (var warning in reply.Warnings) log.SwitchTrouble(warning);
        return reply;
    }

    private SwitchWanted? LoadWanted()
    {
        try
        {
            return JsonSerializer.Deserialize<SwitchWanted>(File.ReadAllText(WantedFile), Wire.Json);
        }
        catch (Exception none) when (none is FileNotFoundException or JsonException)
        {
            // None yet, or cut off by a crash: the servers send it again.
            return null;
        }
    }
}

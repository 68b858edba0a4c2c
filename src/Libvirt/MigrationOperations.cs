using VioActors.Libvirt.Calls;
using VioActors.Libvirt.Native;

namespace VioActors.Libvirt;

/// <summary>Live migration out of this host, and its job. Failures and limits as in
/// <see cref="DomainOperations"/>.</summary>
public sealed class MigrationOperations
{
    // virDomainMigrateFlags
    private const uint Live = 1 << 0;
    private const uint PeerToPeer = 1 << 1;
    private const uint CopyOverlay = 1 << 7;
    private const uint AbortOnError = 1 << 12;
    private const uint AutoConverge = 1 << 13;
    private const uint SynchronousWrites = 1 << 18;

    private static readonly TimeSpan AbortGrace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AbortInterval = TimeSpan.FromMilliseconds(100);
    private readonly ConnectionCalls calls;

    internal MigrationOperations(ConnectionCalls calls) => this.calls = calls;

    /// <summary>Moves a running domain. The task ends when libvirt has finished with it on both sides.</summary>
    /// <param name="domain">A running domain of this host.</param>
    /// <param name="request">Where and how.</param>
    /// <param name="cancel">Aborts the job; if the move had succeeded already, the task succeeds.</param>
    /// <exception cref="LibvirtException">The move failed. Usually the domain still runs here, but only looking at both
    /// hosts tells, above all after Timeout or ConnectionLost.</exception>
    /// <exception cref="OperationCanceledException">The move was aborted on request and the domain is still
    /// here.</exception>
    public async Task StartMigrationAsync(Guid domain, MigrationRequest request, CancellationToken cancel = default)
    {
        request.Validate(nameof(request));
        cancel.ThrowIfCancellationRequested();
        var call = new CallName("migrate", domain);
        if (request.MaxDowntime is { } downtime)
            await SetMaxDowntimeAsync(domain, downtime, cancel);
        // The thread gets longer than the job, so that an abort can end it before the connection counts as broken.
        var running = calls.RunLongAsync(call, (handle, name) => Migrate(handle, request, name),
            request.TimeLimit + AbortGrace, CancellationToken.None);
        using var stopTimer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var expired = Task.Delay(request.TimeLimit, calls.Options.Time, stopTimer.Token);
        var late = await Task.WhenAny(running, expired) != running;
        if (late)
            await AbortUntilEndedAsync(domain, running);
        await stopTimer.CancelAsync();
        try
        {
            await running;
        }
        catch (LibvirtException failure) when (late && failure.NativeCode == (int)LibvirtCode.OperationAborted)
        {
            cancel.ThrowIfCancellationRequested();
            throw new LibvirtException(LibvirtFailure.Timeout, call, $"not finished within "
                + $"{request.TimeLimit.TotalSeconds} s; aborted, the domain is still on this host", inner: failure);
        }
    }

    /// <summary>Figures of the job that runs; <see cref="JobKind.None"/> when there is none.</summary>
    public Task<JobProgress> GetProgressAsync(Guid domain, CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("read job progress", domain), (handle, call) => ReadJob(handle, 0, call), cancel);

    /// <summary>Figures of the last completed job, kept until the domain ends or another job begins. After a move ask
    /// the
    /// target: the source no longer has the domain (but sent a <see cref="JobCompletedEvent"/>).</summary>
    public Task<JobProgress> GetCompletedAsync(Guid domain, CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("read completed job", domain),
            (handle, call) => ReadJob(handle, NativeMigration.CompletedStats, call), cancel);

    /// <summary>Aborts the job that runs; the domain stays here.</summary>
    public Task AbortJobAsync(Guid domain, CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("abort the job", domain),
            (handle, call) => NativeFailure.Check(NativeMigration.virDomainAbortJob(handle), call), cancel);

    /// <summary>Changes the longest pause allowed for the migration that runs, or for the next one.</summary>
    public Task SetMaxDowntimeAsync(Guid domain, TimeSpan downtime, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(downtime, TimeSpan.FromMilliseconds(1));
        return calls.RunAsync(new CallName("set maximum downtime", domain), (handle, call) => NativeFailure.Check(
            NativeMigration.virDomainMigrateSetMaxDowntime(handle, (ulong)downtime.TotalMilliseconds, 0), call),
            cancel);
    }

    // Again and again: libvirt knows of no job before both sides are prepared, and what it does not know it cannot end.
    private async Task AbortUntilEndedAsync(Guid domain, Task running)
    {
        for (var started = calls.Options.Time.GetTimestamp();
            !running.IsCompleted && calls.Options.Time.GetElapsedTime(started) < AbortGrace;)
        {
            await TryAbortAsync(domain);
            await Task.WhenAny(running, Task.Delay(AbortInterval, calls.Options.Time));
        }
    }

    private async Task TryAbortAsync(Guid domain)
    {
        try
        {
            await AbortJobAsync(domain);
        }
        catch (LibvirtException)
        {
            // Ended by itself meanwhile, or libvirtd is gone: the migration's own result tells.
        }
    }

    // SAFETY: the one pointer is the parameter list's own array, which lives until the list is disposed after the call.
    private static unsafe int Migrate(DomainHandle domain, MigrationRequest request, CallName call)
    {
        using var parameters = new TypedParameterList();
        Add("migrate_uri", request.MemoryUri);
        Add("disks_uri", request.DisksUri);
        Add("destination_xml", request.DestinationXml);
        if (request.BandwidthMiBps is { } bandwidth)
            parameters.AddUnsigned("bandwidth", (ulong)bandwidth);
        foreach (var disk in request.Disks)
            parameters.Add("migrate_disks", disk);
        // SAFETY: the list owns Count elements and outlives the call.
        return NativeFailure.Check(NativeMigration.virDomainMigrateToURI3(
            domain, request.DestinationUri, parameters.Items, (uint)parameters.Count, Flags(request)), call);

        void Add(string name, string? value)
        {
            if (value is not null)
                parameters.Add(name, value);
        }
    }

    private static uint Flags(MigrationRequest request)
    {
        var flags = Live | PeerToPeer;
        if (request.Disks.Count > 0)
            flags |= CopyOverlay;
        if (request.AbortOnError)
            flags |= AbortOnError;
        if (request.AutoConverge)
            flags |= AutoConverge;
        if (request.SynchronousDiskWrites)
            flags |= SynchronousWrites;
        return flags;
    }

    // SAFETY: the array that libvirt gives us is copied before the finally frees it; no pointer leaves this method.
    private static unsafe JobProgress ReadJob(DomainHandle domain, uint flags, CallName call)
    {
        NativeFailure.Check(
            NativeMigration.virDomainGetJobStats(domain, out var kind, out var parameters, out var count, flags), call);
        try
        {
            return JobProgress.From((JobKind)kind, TypedValues.Copy(parameters, count));
        }
        finally
        {
            // SAFETY: libvirt allocated the array for us; everything was copied; freed once.
            TypedParameterList.virTypedParamsFree(parameters, count);
        }
    }
}

using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Adaptation;

/// <summary>
/// The effect <c>adapt-round</c>: looks at the site, asks its agents, plans on the snapshot, and keeps that. Changes
/// nothing; repeated after a crash, it looks again.
/// </summary>
internal sealed class AdaptRoundHandler(
    SiteActors actors, ISampleSource source, SnapshotFiles files, TimeProvider clock) : IEffectHandler, IDisposable
{
    private readonly SampleKeeper _samples = new(source, clock);
    private readonly SemaphoreSlim _one = new(1);
    private readonly Queue<string> _quiet = new();

    /// <inheritdoc/>
    public string Kind => ActorKinds.AdaptRoundEffect;

    /// <inheritdoc/>
    public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        var round = (AdaptRound)effect.Payload;
        using var late = new CancellationTokenSource(AdaptLimits.Round, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        // A round that this server lost and got back may still be going on.
        await _one.WaitAsync(both.Token);
        try
        {
            return await RunAsync(round, both.Token);
        }
        catch (OperationCanceledException slow) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"Round {round.Round} took longer than {AdaptLimits.Round.TotalSeconds:0} s.", slow);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<AdaptRoundDone> RunAsync(AdaptRound round, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        var look = await SiteLook.TakeAsync(actors, cancel);
        var names = look.Hosts.Keys.ToDictionary(host => host, host => look.Names[host]);
        var gathered = await _samples.GatherAsync(names, look.Shares(), cancel);
        Gaps(look, gathered);
        var snapshot = new SnapshotTaker(look, _samples, clock.GetUtcNow()).Take(
            actors.Site, round.Round, round.Policy);
        var report = new RoundReport
        {
            Round = round.Round,
            At = snapshot.Inventory.At,
            Hosts = snapshot.Hosts.Count,
            Nodes = snapshot.Nodes.Count,
            Samples = gathered.Samples,
            RefusedSamples = gathered.Refused,
            Forgotten = Forgotten(look),
        };
        var (digest, answer) = await Task.Run(
            () => (files.Write(snapshot), PlanMaker.Plan(snapshot, round.Policy)), cancel);
        var plan = answer.Plan is { } made ? PlanMaker.Record(snapshot, digest, made) : null;
        ForgetQuiet(look.Manager, plan, digest);
        return new AdaptRoundDone(
            report with
            {
                Digest = digest,
                Notes = [.. gathered.Notes.Take(ManagerLimits.Notes)],
                Refused = answer.Refused,
                Seconds = clock.GetElapsedTime(began).TotalSeconds,
            }, plan);
    }

    /// <summary>
    /// Of rounds that bring nothing new only the last is kept, so that they do not drive out those of plans; and the
    /// one before it, which is the last for everybody until this one has ended.
    /// </summary>
    private void ForgetQuiet(AdaptationState manager, PlanRecord? plan, string digest)
    {
        while (_quiet.Count > 1)
        {
            var old = _quiet.Dequeue();
            if (old != digest && !_quiet.Contains(old) && manager.History.All(one => one.Digest != old))
                files.Remove(old);
        }

        var isNews = manager.Round?.AskedBy is not null || (plan is { Changes.IsEmpty: false }
            && (manager.LastPlan is not { } last || !PlanMaker.DoSame(plan, last)));
        if (!isNews) _quiet.Enqueue(digest);
    }

    private void Gaps(SiteLook look, Gathered gathered)
    {
        var now = clock.GetUtcNow();
        foreach (var environment in look.Environments)
            foreach (var node in look.Plannable(environment))
            {
                var name = $"{environment.Name}/{node.Spec.Name}";
                if (_samples.History(node.Id).Newest is not [{ } last, ..])
                    gathered.Note($"Node {name} has no samples yet.");
                else if (now - last.At > AdaptLimits.Gap)
                    gathered.Note($"The newest sample of node {name} is {(now - last.At).TotalSeconds:0} s old.");
            }
    }

    private static ImmutableArray<NodeId> Forgotten(SiteLook look)
    {
        var there = look.Environments.SelectMany(one => one.Nodes.Keys).ToHashSet();
        return [.. look.Manager.Nodes.Keys.Where(node => !there.Contains(node))];
    }
}

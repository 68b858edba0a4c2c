using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;

namespace VioActors.Simulation.World;

/// <summary>
/// Runs a fleet in virtual time under the manager that ships and one of its planners, or under none. A plan that does
/// not pass the manager's checker ends the run with the reason in the report.
/// </summary>
public sealed class WorldRun
{
    // A guest with less memory than it uses waits for its swap most of the time; a round figure.
    private const double SpeedWhileSwapping = 0.25;
    private const double LeastGiven = 1e-3;
    private readonly WorldSetup _setup;
    private readonly WorldState _state;
    private readonly WorldMoves _moves;
    private readonly WorldPlacement _placement;
    private readonly WorldDeaths _deaths;
    private readonly WorldOffers _offers;
    private readonly WorldRounds? _rounds;
    private readonly IPlanner? _planner;
    private readonly Dictionary<WorldWork, double> _lost = [];

    private WorldRun(WorldSetup setup, IPlanner? planner)
    {
        (_setup, _planner, _state) = (setup, planner, new WorldState(setup));
        (_moves, _placement) = (new WorldMoves(_state), new WorldPlacement(_state));
        _deaths = new WorldDeaths(_state, _moves, _placement);
        _offers = new WorldOffers(_state, _moves, _placement);
        _rounds = planner is null ? null
            : new WorldRounds(_state, _offers, new WorldChanges(_state, _moves, _offers), planner);
    }

    /// <summary>Runs a fleet to its end.</summary>
    /// <param name="setup">What is there.</param>
    /// <param name="planner">Who adapts; null: nobody.</param>
    /// <param name="policy">What the report calls it; null: the planner's own name.</param>
    /// <param name="cancel">Ends it between two steps.</param>
    /// <exception cref="ArgumentException">The setup is larger than <see cref="WorldLimits"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static WorldReport Run(
        WorldSetup setup, IPlanner? planner, string? policy = null, CancellationToken cancel = default)
    {
        if (WorldLimits.Refuse(setup) is { } tooMuch) throw new ArgumentException(tooMuch, nameof(setup));
        var report = new WorldRun(setup, planner).Run(cancel);
        return policy is null ? report : report with { Policy = policy };
    }

    private WorldReport Run(CancellationToken cancel)
    {
        var seconds = _setup.Step.TotalSeconds;
        for (long step = 0; step * seconds < _setup.Length.TotalSeconds; step++)
        {
            cancel.ThrowIfCancellationRequested();
            _state.Now = step * seconds;
            foreach (var host in _state.Hosts) host.Tick(_state.Now);
            _deaths.Run();
            foreach (var work in _state.Works)
                if (work.StartedAt is null && work.Setup.Start.TotalSeconds <= _state.Now) _placement.TryStart(work);
            foreach (var one in _setup.People)
                if (one.At.TotalSeconds is var at && at <= _state.Now && at > _state.Now - seconds) Set(one);
            _rounds?.Step();
            if (_rounds?.Failure is not null) break;
            Step(seconds);
            if (_state.Works.All(work => work.EndedAt is not null)) break;
        }

        return Report(_rounds?.Failure);
    }

    private void Set(PersonSetup wish)
    {
        foreach (var node in _state.Works.Where(work => work.Setup.Name == wish.Environment)
            .SelectMany(work => work.Nodes))
            node.Set(wish.CpuWeight, wish.CpuQuotaPercent, guestMiB: null);
    }

    private void Step(double seconds)
    {
        foreach (var work in _state.Running) work.Want(_state.Now, seconds);
        foreach (var host in _state.Hosts)
        {
            if (host.Nodes.Count > 0) CpuSharing.Share(host.Setup.Cores, host.Nodes);
            foreach (var node in host.Nodes) Run(node, seconds);
            host.Used = host.Nodes.Sum(node => node.Gets);
            _state.Meters.Host(host, seconds);
        }

        foreach (var work in _state.Running.ToList())
        {
            work.Work(_state.Now, seconds);
            _lost[work] = _lost.GetValueOrDefault(work) + work.Nodes.Sum(node => _state.Meters.Node(node, seconds));
            if (work.EndedAt is not null) Leave(work);
        }

        _state.Meters.Show(seconds);
        _moves.Advance(seconds);
        if (_planner is not null) Sample(_state.Now + seconds);
    }

    private void Run(WorldNode node, double seconds)
    {
        var still = Math.Min(seconds, node.Stall);
        node.Stall -= still;
        node.Given = Math.Max(LeastGiven, node.Given);
        var could = node.Gets;
        node.Gets *= 1 - still / seconds;
        var lags = Math.Min(seconds, node.Lag);
        node.Lag -= lags;
        node.Speed = node.Gets * (node.Move is { Runs: true } ? _setup.Copy.SpeedWhileCopied : 1)
            * (1 - lags / seconds);
        node.Withheld = could - node.Speed;
        if (node.MemoryUsedMiB > node.GuestMiB) node.Speed *= SpeedWhileSwapping;
    }

    private void Leave(WorldWork work)
    {
        foreach (var node in work.Nodes)
        {
            if (node.Move is { } move) _moves.Cancel(move);
            node.Host?.Nodes.Remove(node);
            node.Host = null;
        }
    }

    private void Sample(double now)
    {
        var at = WorldState.ClockAt(now);
        foreach (var node in _state.Hosts.SelectMany(host => host.Nodes))
        {
            var (next, refused) = node.Samples.Add(
                node.Id, new Sample(at, node.Gets, node.Given, node.MemoryUsedMiB)
                {
                    CpuWaitedCores = Math.Max(0, Math.Min(node.Demand, node.Work.Setup.Vcpus) - node.Gets),
                    WaitMeasured = true,
                    CpuPeakCores = node.Gets,
                }, at);
            if (refused is not null) throw new InvalidOperationException(refused.ToString());
            node.Samples = next;
        }
    }

    private WorldReport Report(Failure? failure)
    {
        var ended = _state.Works.Where(work => work.EndedAt is not null).ToList();
        var ending = _state.Works.Where(work => work is PhasedWork).ToList();
        var services = _state.Works.OfType<ServiceWork>().ToList();
        var (meters, last) = (_state.Meters, _state.Now + _setup.Step.TotalSeconds);
        return new WorldReport(
            _planner?.Policy ?? "none", last, meters.EnergyKwh, [.. _state.Works.Select(Of)])
        {
            Failure = failure is null ? null : $"At {TimeSpan.FromSeconds(_state.Now)}: {failure.Code}: {failure}",
            AverageSeconds = ended.Count == 0
                ? null : ended.Average(work => work.EndedAt!.Value - work.Setup.Start.TotalSeconds),
            OverallSeconds = ending.Count == 0 || ended.Count < ending.Count
                ? null
                : ended.Max(work => work.EndedAt!.Value) - ended.Min(work => work.Setup.Start.TotalSeconds),
            Migrations = _moves.Done,
            Undone = _moves.Undone,
            Moves = _moves.Log,
            DowntimeSeconds = _moves.DowntimeSeconds,
            SlavPercent = meters.SlavPercent,
            LostServiceSeconds = _lost.Values.Sum(),
            RequestsLostPercent = services.Sum(one => one.Came) is > 0 and var came
                ? 100 * (1 - services.Sum(one => one.Served) / came) : null,
            CpuSlack = meters.CpuSlack,
            MemorySlack = meters.MemorySlack,
            Rounds = _state.Managers.Sum(one => one.State.Rounds),
            Plans = _state.Managers.Sum(one => one.Counts.Plans),
            ChangesDone = _state.Managers.Sum(one => one.Counts.Done),
            ChangesRefused = _state.Managers.Sum(one => one.Counts.Refused),
            ChangesFailed = _state.Managers.Sum(one => one.Counts.Failed),
            NodesHeld = _state.Managers.Sum(one => one.Counts.Held),
            OffersRefused = _offers.Refused,
            HostDeaths = _deaths.Deaths,
            Restarts = _deaths.Restarts,
            Sleeps = _rounds?.Sleeps ?? 0,
            Boots = _state.Hosts.Sum(host => host.Boots),
            PieceSeconds = meters.Watts.PieceSeconds,
            Watts = [.. meters.Watts.Pieces.Select(piece => piece[0])],
            Hosts = [.. _state.Hosts.Select(host => new HostCurve(
                host.Id.Value, [.. meters.Load.Pieces.Select(piece => piece[host.Index])]))],
        };
    }

    private EnvironmentReport Of(WorldWork work) => new(
        work.Setup.Name, work switch { PhasedWork => "phased", ServiceWork => "service", _ => "traces" },
        work.EndedAt - work.Setup.Start.TotalSeconds, _lost.GetValueOrDefault(work), _moves.DoneOf(work),
        work.EndedAt is not null ? "ended" : work.StartedAt is not null ? "runs" : "waits");
}

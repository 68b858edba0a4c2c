namespace VioActors.Switch.DataPlane;

/// <summary>
/// From what each lane says to what the switchd says: counters add up, places and paths are those of the first lane.
/// Pure.
/// </summary>
internal static class StatusMerge
{
    // Of the process, or found by each lane for itself.
    private static readonly string[] Shared = ["gen0Collections", "notedDrops", "duplicatesFound"];

    /// <param name="lanes">One per lane, the first lane's first.</param>
    public static SwitchStatus Of(IReadOnlyList<SwitchStatus> lanes)
    {
        SwitchStatus first = lanes[0];
        if (lanes.Count == 1)
            return first;
        return first with
        {
            Counters = Sum(lanes.Select(one => one.Counters)),
            Lanes = [.. lanes.SelectMany(one => one.Lanes)],
            Environments =
            [
                .. first.Environments.Select(environment => Of(
                    environment,
                    [
                        .. lanes.Select(one => one.Environments.FirstOrDefault(e => e.Id == environment.Id))
                            .OfType<EnvironmentStatus>(),
                    ])),
            ],
        };
    }

    private static EnvironmentStatus Of(EnvironmentStatus first, EnvironmentStatus[] lanes) => first with
    {
        Ports = [.. first.Ports.Select(port => Port(lanes.SelectMany(e => e.Ports).Where(p => p.Tap == port.Tap)))],
        Tunnels =
        [
            .. first.Tunnels.Select(tunnel => tunnel with
            {
                Counters = Sum(lanes.SelectMany(e => e.Tunnels).Where(t => t.Host == tunnel.Host)
                    .Select(t => t.Counters)),
            }),
        ],
        Pairs =
        [
            .. lanes.SelectMany(e => e.Pairs).GroupBy(p => (p.From, p.To)).Select(Pair)
                .Take(Limits.PairsPerStatus),
        ],
        OtherPairsBytes = lanes.Sum(e => e.OtherPairsBytes),
        Duplicates = [.. lanes.SelectMany(e => e.Duplicates).DistinctBy(d => (d.Kind, d.Node, d.Address))],
    };

    // The driver of a port with one end is on one lane only; the others do not know what it is.
    private static PortStatus Port(IEnumerable<PortStatus> lanes)
    {
        PortStatus[] all = [.. lanes];
        PortStatus known = all.FirstOrDefault(port => port.HasDriver, all[0]);
        return known with
        {
            Counters = Sum(all.Select(port => port.Counters)),
            Trouble = all.Select(port => port.Trouble).FirstOrDefault(trouble => trouble is not null),
        };
    }

    private static PairStatus Pair(IEnumerable<PairStatus> lanes) => lanes.Aggregate((a, b) => a with
    {
        Frames = a.Frames + b.Frames,
        Bytes = a.Bytes + b.Bytes,
        FramesHeldBack = a.FramesHeldBack + b.FramesHeldBack,
        DropPairLimit = a.DropPairLimit + b.DropPairLimit,
    });

    private static Dictionary<string, long> Sum(IEnumerable<IReadOnlyDictionary<string, long>> all)
    {
        var sum = new Dictionary<string, long>();
        foreach ((string name, long value) in all.SelectMany(one => one))
        {
            long had = sum.GetValueOrDefault(name);
            sum[name] = Shared.Contains(name) ? Math.Max(had, value) : had + value;
        }

        return sum;
    }
}

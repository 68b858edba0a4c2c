namespace VioActors.Switch.DataPlane;

/// <summary>Pairs of nodes for status. Lane thread only.</summary>
internal static class PairReader
{
    private const int RecentMs = 10_000;

    /// <summary>Those that spoke lately first, then those that sent most.</summary>
    public static IEnumerable<PairStatus> Read(SwitchCore core, SwitchEnvironment environment) =>
        environment.Pairs.All
            .OrderByDescending(pair => core.NowMs - pair.Value.LastMs < RecentMs)
            .ThenByDescending(pair => pair.Value.Bytes)
            .Take(Limits.PairsPerStatus)
            .Select(pair => Status(environment, new MacAddress(pair.Key.From), new MacAddress(pair.Key.To),
                pair.Value));

    private static PairStatus Status(SwitchEnvironment environment, MacAddress from, MacAddress to, PairCount count) =>
        new(
            NameOf(environment, from), NameOf(environment, to), count.Frames, count.Bytes, count.HeldBack,
            count.Dropped, environment.LimitOf(from, to)?.BytesPerSecond);

    private static string NameOf(SwitchEnvironment environment, MacAddress mac) =>
        environment.Find(mac)?.Node ?? mac.ToString();
}

using VioActors.Simulation.World;

namespace VioActors.Bench.Violin;

/// <summary>Nodes of one application that one plan moved.</summary>
/// <param name="AtSeconds">When.</param>
/// <param name="Environment">Whose nodes.</param>
/// <param name="From">The domain they left.</param>
/// <param name="To">The domain they went to.</param>
/// <param name="Crosses">Whether that is another.</param>
/// <param name="HostsAfter">How many hosts the application is on afterwards.</param>
internal sealed record ViolinMove(
    double AtSeconds, string Environment, string From, string To, bool Crosses, int HostsAfter)
{
    internal string Text => $"{Environment.ToUpperInvariant()}:{From}>{To}";

    internal static IEnumerable<ViolinMove> Of(WorldReport report) =>
        from one in report.Moves
        group one by (one.AtSeconds, one.Environment) into plan
        let last = plan.Last()
        select new ViolinMove(
            last.AtSeconds, last.Environment, Domain(last.From), Domain(last.To), last.Crosses, last.HostsAfter);

    private static string Domain(string host) => host.Split('-')[0];
}

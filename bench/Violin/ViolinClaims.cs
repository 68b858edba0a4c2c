using VioActors.Actors.Adaptation.Violin;
using VioActors.Simulation.Violin;
using VioActors.Simulation.World;

namespace VioActors.Bench.Violin;

/// <summary>The claims of Ruth (2007), 6.4.2 and 6.4.3, beside what the simulation gives.</summary>
internal static class ViolinClaims
{
    // Two percent is what the rounds of the planner and the stall of a move leave undecided.
    private const double Same = 0.02;

    // "Approximately the same": what a reader of a bar chart would still call so.
    private const double Approximately = 0.1;
    private static readonly ViolinPlanner Planner = new(ViolinOptions.Corrected);

    /// <summary>Scenario 1 without and with adaptation.</summary>
    internal static (WorldReport Without, WorldReport With) One(double t) =>
        (WorldRun.Run(ViolinScenarios.One(t, adapts: false), null),
            WorldRun.Run(ViolinScenarios.One(t, adapts: true), Planner));

    /// <summary>Scenario 2 without and with adaptation.</summary>
    internal static (WorldReport Without, WorldReport With) Two(double t) =>
        (WorldRun.Run(ViolinScenarios.Two(t), null), WorldRun.Run(ViolinScenarios.Two(t), Planner));

    /// <summary>Claims S1a to S1f.</summary>
    internal static IEnumerable<ViolinClaim> OfOne(WorldReport without, WorldReport with)
    {
        var moved = string.Join(' ', ViolinMove.Of(with).Select(one => one.Text));
        var (v1, v3) = (Change(without, with, "v1"), Change(without, with, "v3"));
        var (average, overall) = Changes(without, with);
        yield return new ViolinClaim(
            "s1a", "one environment moves, V1, from D1 to D2", moved, HeldIf(moved == "V1:d1>d2"), Asserted: true);
        yield return new ViolinClaim("s1b", "V3 ends 30 % sooner; T is fitted to this", Percent(v3), Fitted(v3, -0.30));
        yield return new ViolinClaim(
            "s1c", "V1 takes about the same time; excluded by s1f", Percent(v1), HeldIf(Math.Abs(v1) <= Approximately));
        yield return new ViolinClaim(
            "s1d", "average time -39 %; follows from T", Percent(average), Fitted(average, -0.39));
        yield return new ViolinClaim("s1d_sign", "average time falls", Percent(average), HeldIf(average < 0), true);
        yield return new ViolinClaim("s1e", "overall time -34 %", Percent(overall), Fitted(overall, -0.34));
        yield return new ViolinClaim("s1e_sign", "overall time falls", Percent(overall), HeldIf(overall < 0), true);
        // V2 ends before anything is done: its time cannot fall, only not rise.
        var worst = without.Environments.Where(one => one.Name != "v2").Max(one => Change(without, with, one.Name));
        yield return new ViolinClaim(
            "s1f", "every environment's time falls; V2 ends before any move: the others",
            $"worst {Percent(worst)}", HeldIf(worst < 0), true);
    }

    /// <summary>Claims S2a to S2e.</summary>
    internal static IEnumerable<ViolinClaim> OfTwo(WorldReport without, WorldReport with)
    {
        var moves = ViolinMove.Of(with).ToList();
        var first = moves.FirstOrDefault(one => one.Crosses);
        var packed = moves.FirstOrDefault(one => one.Environment == "v1");
        var order = first is { Text: "V2:d2>d1", HostsAfter: 4 } && first.AtSeconds > Seconds(with, "v3")
            && packed is { HostsAfter: 2 } && packed.AtSeconds == first.AtSeconds;
        var (average, overall) = Changes(without, with);
        double Of(string name) => Change(without, with, name);
        yield return new ViolinClaim(
            "s2a", "V3 ends and nothing moves; V1 gets quiet; V2 moves to D1, V1 is packed on two hosts",
            order ? "in this order" : "other moves", HeldIf(order), Asserted: true);
        yield return new ViolinClaim(
            "s2b", "V1 and V2 take about the same time as before", $"{Percent(Of("v1"))}, {Percent(Of("v2"))}",
            HeldIf(Math.Abs(Of("v1")) <= Approximately && Math.Abs(Of("v2")) <= Approximately));
        yield return new ViolinClaim(
            "s2c", "V3 and V4 take much less; V3 ends before any move", $"{Percent(Of("v3"))}, {Percent(Of("v4"))}",
            HeldIf(Of("v3") < -Approximately && Of("v4") < -Approximately));
        yield return new ViolinClaim("s2c_v4", "V4 takes less", Percent(Of("v4")), HeldIf(Of("v4") < 0), true);
        yield return new ViolinClaim(
            "s2d", "average time -41 %; sizes are not in the text", Percent(average), Fitted(average, -0.41));
        yield return new ViolinClaim("s2d_sign", "average time falls", Percent(average), HeldIf(average < 0), true);
        yield return new ViolinClaim(
            "s2e", "overall time -47 %; sizes are not in the text", Percent(overall), Fitted(overall, -0.47));
        yield return new ViolinClaim("s2e_sign", "overall time falls", Percent(overall), HeldIf(overall < 0), true);
    }

    /// <summary>Change of the average and of the overall time, as parts.</summary>
    internal static (double Average, double Overall) Changes(WorldReport without, WorldReport with) =>
        (with.AverageSeconds!.Value / without.AverageSeconds!.Value - 1,
            with.OverallSeconds!.Value / without.OverallSeconds!.Value - 1);

    /// <summary>Change of one execution time, as a part.</summary>
    internal static double Change(WorldReport without, WorldReport with, string name) =>
        Seconds(with, name) / Seconds(without, name) - 1;

    /// <summary>From start to end of one application.</summary>
    internal static double Seconds(WorldReport report, string name) =>
        report.Environments.Single(one => one.Name == name).CompletionSeconds!.Value;

    /// <summary>As text with one digit.</summary>
    internal static string Percent(double part) => $"{part * 100:+0.0;-0.0;0.0} %";

    private static Verdict HeldIf(bool held) => held ? Verdict.Held : Verdict.Contradictory;

    // A number that depends on T: reached means only that T can be chosen so.
    private static Verdict Fitted(double value, double claimed) =>
        Math.Abs(value - claimed) <= Same ? Verdict.Calibrated : Verdict.Contradictory;
}

using System.CommandLine;
using VioActors.Actors.Adaptation.Vio;
using VioActors.Simulation.Violin;
using VioActors.Simulation.World;

namespace VioActors.Bench.Violin;

/// <summary>
/// The two adaptation scenarios of Ruth (2007), chapter 6, in simulation, under the policy <c>violin-2007</c> with its
/// errata corrected: each claim of the text beside the value here, and the curve over T, the one parameter that the
/// text does not give.
/// </summary>
internal static class ViolinBench
{
    private static readonly double[] Curve = [1000, 2000, 4000, 6000, 7617, 10000, 15000, 20000];

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "T: core seconds that a million particles take on one node. Default: fitted to claim s1b.",
        HelpName = "t",
        DefaultValueFactory = _ => ViolinScenarios.CalibratedT,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Seconds.Between(100, 50000);
        return new Benchmark(
            "violin", "The dissertation's two adaptation scenarios: every claim, its value here and a verdict.",
            [Seconds], run => Task.FromResult(Run(run)));
    }

    internal static Figures Run(BenchRun run)
    {
        var t = run.Parse.GetValue(Seconds);
        var figures = new Figures();
        figures.Add("t", t, "core seconds for a million particles on one node");
        var one = ViolinClaims.One(t);
        var two = ViolinClaims.Two(t);
        var claims = ViolinClaims.OfOne(one.Without, one.With)
            .Concat(ViolinClaims.OfTwo(two.Without, two.With)).ToList();
        foreach (var claim in claims)
        {
            figures.Add(claim.Id, claim.Value, claim.Text);
            figures.Add(claim.Id + "_verdict", claim.Verdict.ToString().ToLowerInvariant(),
                claim.Asserted ? "asserted" : "");
        }

        Times(figures, "s1", one.Without, one.With);
        Times(figures, "s2", two.Without, two.With);
        Beyond(figures, "s1", ViolinScenarios.One(t, adapts: true), one);
        Beyond(figures, "s2", ViolinScenarios.Two(t), two);
        foreach (var point in Curve)
        {
            var (without, with) = ViolinClaims.One(point);
            var (average, overall) = ViolinClaims.Changes(without, with);
            figures.Add(
                $"curve_{point:0}",
                string.Join(", ", new[]
                {
                    ViolinClaims.Change(without, with, "v1"), ViolinClaims.Change(without, with, "v3"), average,
                    overall,
                }.Select(ViolinClaims.Percent)),
                "scenario 1 at this T: V1, V3, average, overall");
        }

        // The text's numbers fit one T only; at another the signs may differ, and that is no fault.
        var broken = claims.Where(claim => claim.Asserted && claim.Verdict != Verdict.Held).ToList();
        if (broken.Count > 0 && t == ViolinScenarios.CalibratedT)
            figures.Failure = $"Not as asserted: {string.Join(", ", broken.Select(claim => claim.Id))}.";
        return figures;
    }

    private static void Beyond(
        Figures figures, string name, WorldSetup scenario, (WorldReport Without, WorldReport With) violin)
    {
        var vio = WorldRun.Run(scenario, new VioPlanner(new VioOptions()));
        var (average, overall) = ViolinClaims.Changes(violin.Without, vio);
        figures.Add(
            $"{name}_vio_average", ViolinClaims.Percent(average),
            $"policy vio: average time, {vio.AverageSeconds:0} s");
        figures.Add(
            $"{name}_vio_overall", ViolinClaims.Percent(overall),
            $"policy vio: overall time, {vio.OverallSeconds:0} s");
        foreach (var (suffix, priorities) in new[] { ("optimum", false), ("clairvoyant", true) })
        {
            var best = ViolinOptimum.Of(scenario, priorities);
            var what = priorities ? "putting first what ends first" : "all sites at all times, fair shares";
            Least("average", best.AverageSeconds, vio.AverageSeconds, violin.Without.AverageSeconds);
            Least("overall", best.OverallSeconds, vio.OverallSeconds, violin.Without.OverallSeconds);
            void Least(string time, double least, double? ours, double? without) => figures.Add(
                $"{name}_{suffix}_{time}", ViolinClaims.Percent(least / without!.Value - 1),
                $"least {time} time, {what}: {least:0} s; vio {ViolinClaims.Percent(ours!.Value / least - 1)} of it");
        }

        figures.Add(
            $"{name}_moved", $"{violin.With.Migrations}, {vio.Migrations}",
            "nodes moved by violin-2007 and by vio");
    }

    private static void Times(Figures figures, string scenario, WorldReport without, WorldReport with)
    {
        foreach (var name in without.Environments.Select(one => one.Name).Order())
            figures.Add(
                $"{scenario}_{name}_s",
                $"{ViolinClaims.Seconds(without, name):0} > {ViolinClaims.Seconds(with, name):0}",
                "execution time without and with adaptation, in seconds");
        figures.Add(
            $"{scenario}_average_s", $"{without.AverageSeconds:0} > {with.AverageSeconds:0}", "mean of these");
        figures.Add(
            $"{scenario}_overall_s", $"{without.OverallSeconds:0} > {with.OverallSeconds:0}",
            "from the first start to the last end");
    }
}

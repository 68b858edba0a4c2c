namespace VioActors.Switch.DataPlane.Tests;

/// <summary>The search over every path size, with lost probes, and over routes that change.</summary>
public sealed class MtuSearchTests
{
    private static readonly PathSizes Sizes = new(1252, 1472);
    private readonly Random _random = new(11);

    [Fact]
    public void Every_size_of_a_path_is_found_to_a_step_and_never_exceeded()
    {
        for (int carries = Sizes.Least; carries <= Sizes.Most; carries++)
        {
            var search = new MtuSearch(Sizes);
            long now = Run(search, 0, 10_000, carries);
            Assert.InRange(search.Usable, Math.Max(Sizes.Least, carries - MtuSearch.Step), carries);
            Assert.False(search.IsSearching, $"{carries} after {now} ms");
        }
    }

    [Theory]
    [InlineData(1252, 9188)]
    [InlineData(1232, 9168)]
    [InlineData(1252, 1252)]
    public void Other_bounds_work_as_well(int least, int most)
    {
        for (int carries = least; carries <= most; carries += 97)
        {
            var search = new MtuSearch(new PathSizes(least, most));
            Run(search, 0, 20_000, carries);
            Assert.InRange(search.Usable, Math.Max(least, carries - MtuSearch.Step), carries);
        }
    }

    [Fact]
    public void The_usual_path_costs_one_probe()
    {
        var search = new MtuSearch(Sizes);
        Assert.Equal(Sizes.Most, search.Next(0, 250));
        Assert.Equal(Sizes.Least, search.Usable);
        search.Crossed(Sizes.Most, 1);
        Assert.Equal(Sizes.Most, search.Usable);
        Assert.Equal(0, search.Next(2, 250));
        Assert.False(search.IsSearching);
    }

    [Fact]
    public void A_route_that_got_smaller_is_noticed_and_a_larger_one_found_again()
    {
        for (int carries = Sizes.Least; carries < Sizes.Most; carries += 13)
        {
            var search = new MtuSearch(Sizes);
            long now = Run(search, 0, 2000, Sizes.Most);
            now = Run(search, now, MtuSearch.VerifyMs + 8000, carries);
            Assert.InRange(search.Usable, Math.Max(Sizes.Least, carries - MtuSearch.Step), carries);
            Run(search, now, MtuSearch.RaiseMs + 8000, Sizes.Most);
            Assert.Equal(Sizes.Most, search.Usable);
        }
    }

    /// <summary>Lost probes may make it slow and careful, but never larger than the path, and not for ever.</summary>
    [Fact]
    public void Lost_probes_do_no_lasting_harm()
    {
        for (int run = 0; run < 200; run++)
        {
            int carries = _random.Next(Sizes.Least, Sizes.Most + 1);
            var search = new MtuSearch(Sizes);
            long now = Run(search, 0, 60_000, carries, loss: 0.2);
            Run(search, now, MtuSearch.RaiseMs * 2, carries);
            Assert.InRange(search.Usable, Math.Max(Sizes.Least, carries - MtuSearch.Step), carries);
        }
    }

    [Fact]
    public void Answers_that_nobody_asked_for_change_nothing()
    {
        var search = new MtuSearch(Sizes);
        foreach (int size in (int[])[0, -1, 1, Sizes.Least - 1, Sizes.Most + 1, int.MaxValue])
            search.Crossed(size, 5);
        Assert.Equal(Sizes.Least, search.Usable);
    }

    private long Run(MtuSearch search, long from, int ms, int carries, double loss = 0)
    {
        long now = from;
        var crossed = new HashSet<int> { search.Usable };
        for (; now < from + ms; now += 50)
        {
            int size = search.Next(now, 250);
            if (size == 0 || size > carries || _random.NextDouble() < loss)
                continue;
            crossed.Add(size);
            search.Crossed(size, now + 10);
            Assert.Contains(search.Usable, crossed);
        }

        return now;
    }
}

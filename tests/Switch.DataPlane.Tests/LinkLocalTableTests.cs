using FsCheck;
using FsCheck.Fluent;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>The table of chosen addresses against a slow list.</summary>
public class LinkLocalTableTests
{
    private sealed record Row(ulong Mac, int Address, long UsedMs, long SettlesMs);

    /// <summary>What happens: at which distance, to which address, by which node.</summary>
    private sealed record Step(string Kind, int AfterMs, ulong Mac, int Address);

    [Fact]
    public void ItIsTheSlowList() => Prop.ForAll(Steps().ListOf(80).ToArbitrary(), steps =>
    {
        var table = new LinkLocalTable();
        var rows = new List<Row>();
        long now = 100_000;
        foreach (Step step in steps)
        {
            now += step.AfterMs;
            string actual = Do(table, step, now), expected = Model(rows, step, now);
            if (actual != expected)
                return false.Label($"{step} at {now}: {actual} instead of {expected}");
            for (int address = 0; address < 9; address++)
            {
                LinkLocalClaim? found = table.Find(LinkLocalRig.Chosen(address));
                Row? row = rows.Find(r => r.Address == address);
                if (found?.Mac.Value != row?.Mac || found?.UsedMs != row?.UsedMs
                    || found is not null && found.IsSettled(now) != now >= row!.SettlesMs)
                {
                    return false.Label($"{step} at {now}: address {address}");
                }
            }
        }

        return rows.GroupBy(r => r.Mac).All(own => own.Count() <= Limits.LinkLocalsPerNode).ToProperty();
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void WhatIsKnownAndWhatIsOneTooManyCostsNoMemory()
    {
        var table = new LinkLocalTable();
        MacAddress mac = LinkLocalRig.Mac(1);
        for (int i = 0; i < Limits.LinkLocalsPerNode; i++)
            table.Learn(mac, LinkLocalRig.Chosen(i), 1);
        int own = 0, tooMany = 0;
        long before = 0;
        for (int i = 0; i < 20_000; i++)
        {
            if (i == 10_000)
                before = GC.GetAllocatedBytesForCurrentThread();
            Standing standing = table.Of(mac, LinkLocalRig.Chosen(i & 7), 1 + i);
            own += standing == Standing.Own ? 1 : 0;
            tooMany += standing == Standing.TooMany ? 1 : 0;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((10_000, 10_000), (own, tooMany));
    }

    [Fact]
    public async Task LanesThatWantTheSameAddressAtTheSameTimeAgree()
    {
        for (int round = 0; round < 200; round++)
        {
            var table = new LinkLocalTable();
            using var start = new Barrier(4);
            bool[] got = await Task.WhenAll(Enumerable.Range(1, 4).Select(lane => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(TimeSpan.FromSeconds(30));
                    return table.Claim(new MacAddress((ulong)lane), LinkLocalRig.Chosen(1), 1, out _) is not null;
                }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Assert.Single(got, true);
        }
    }

    private static string Do(LinkLocalTable table, Step step, long now)
    {
        var mac = new MacAddress(step.Mac);
        Ipv6 address = LinkLocalRig.Chosen(step.Address);
        switch (step.Kind)
        {
            case "of":
                return table.Of(mac, address, now).ToString();
            case "claim":
                bool has = table.Claim(mac, address, now, out bool isNew) is not null;
                return $"{has} {isNew}";
            case "learn":
                table.Learn(mac, address, now);
                return "";
            case "yield":
                table.Yield(mac, address, now);
                return "";
            default:
                table.Forget(mac);
                return "";
        }
    }

    private static string Model(List<Row> rows, Step step, long now)
    {
        Row? row = rows.Find(r => r.Address == step.Address);
        bool isOwn = row?.Mac == step.Mac, isSettled = row?.SettlesMs <= now;
        Row[] own = [.. rows.Where(r => r.Mac == step.Mac)];
        bool isFull = own.Length == 4 && own.All(r => now - r.UsedMs < 60_000);
        switch (step.Kind)
        {
            case "of" when isOwn:
                if (now - row!.UsedMs >= 1000)
                    rows[rows.IndexOf(row)] = row with { UsedMs = now };
                return isSettled ? "Own" : "New";
            case "of":
                return row is not null ? "Others" : isFull ? "TooMany" : "New";
            case "claim" when row is not null || isFull:
                return $"{isOwn} False";
            case "claim":
                Add(rows, own, new Row(step.Mac, step.Address, now, now + 3000));
                return "True True";
            case "learn" when isOwn:
                rows[rows.IndexOf(row!)] = row! with { SettlesMs = Math.Min(row.SettlesMs, now) };
                return "";
            case "learn" when !isSettled:
                rows.Remove(row!);
                Add(rows, own, new Row(step.Mac, step.Address, now, now));
                return "";
            case "yield" when isOwn && !isSettled:
                rows.Remove(row!);
                return "";
            case "forget":
                rows.RemoveAll(r => r.Mac == step.Mac);
                return "";
            default:
                return "";
        }
    }

    private static void Add(List<Row> rows, Row[] own, Row added)
    {
        if (own.Length == 4)
            rows.Remove(own.MinBy(r => r.UsedMs)!);
        rows.Add(added);
    }

    private static Gen<Step> Steps() =>
        from kind in Gen.Elements("of", "of", "claim", "claim", "claim", "learn", "yield", "forget")
        from after in Gen.Elements(0, 1, 500, 3000, 20_000)
        from mac in Gen.Choose(1, 2)
        from address in Gen.Choose(0, 8)
        select new Step(kind, after, (ulong)mac, address);
}

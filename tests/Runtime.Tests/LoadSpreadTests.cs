using System.Collections.Immutable;

namespace VioActors.Runtime.Tests;

public sealed class LoadSpreadTests
{
    private static readonly Limits Limits = new() { Placement = ShardPlacement.ByLoad };

    /// <summary>
    /// Any servers, shards and rates, from any state: while the rates stay as they are the shards come to rest, none
    /// comes back to where it was given away, and what is left of unevenness is not worth a move.
    /// </summary>
    [Fact]
    public void UnderAConstantLoadShardsComeToRestAndNoneComesBack()
    {
        for (var seed = 1; seed <= 80; seed++)
        {
            var random = new Random(seed);
            var world = World.Any(random);
            world.Run(TimeSpan.FromMinutes(12));
            var gifts = world.Gifts.Count;
            world.Run(TimeSpan.FromMinutes(4));
            Assert.True(gifts == world.Gifts.Count, $"seed {seed}: still moving after {world.Now}");
            Assert.True(world.Owners.All(world.Servers.Contains), $"seed {seed}: a shard has no owner");
            Assert.True(
                world.Gifts.Count == world.Gifts.Distinct().Count(), $"seed {seed}: a shard was given away twice");
            Assert.True(world.MostAtOnce <= Math.Max(1, world.Owners.Length / 4), $"seed {seed}: too many at once");
            Assert.False(world.IsWorthAMove(), $"seed {seed}: {world}");
        }
    }

    [Fact]
    public void AServerThatJoinsGetsItsShareAndIdleShardsAreSpreadByNumber()
    {
        var world = new World(["a"], new int[64]);
        world.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(64, world.Owners.Count(owner => owner == "a"));
        world.Servers.Add("b");
        world.Run(TimeSpan.FromSeconds(9));
        Assert.Empty(world.Gifts); // held back until it has lasted
        world.Run(TimeSpan.FromMinutes(3));
        Assert.Equal(32, world.Owners.Count(owner => owner == "b"));
        world.Servers.Remove("a");
        world.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(64, world.Owners.Count(owner => owner == "b"));
    }

    [Fact]
    public void AHotShardIsLeftAloneOnItsServer()
    {
        int[] rates = [1000, .. Enumerable.Repeat(50, 15)];
        var world = new World(["a", "b"], rates);
        world.Owners.AsSpan().Fill("a");
        world.Run(TimeSpan.FromMinutes(5));
        Assert.Equal((1001, 15 * 51), (world.LoadOf("a"), world.LoadOf("b")));
    }

    /// <summary>Rates that flutter by a fifth around what they are do not move anything once it is spread.</summary>
    [Fact]
    public void FlutterMovesNothing()
    {
        var random = new Random(7);
        var world = new World(["a", "b", "c"], [.. Enumerable.Range(0, 48).Select(_ => random.Next(10, 200))]);
        world.Run(TimeSpan.FromMinutes(10));
        var (before, real) = (world.Gifts.Count, world.Rates.ToArray());
        for (var second = 0; second < 300; second++)
        {
            for (var shard = 0; shard < real.Length; shard++)
                world.Rates[shard] = (int)(real[shard] * (0.8 + (0.4 * random.NextDouble())));
            world.Run(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(before, world.Gifts.Count);
    }

    [Fact]
    public void AGrownLoadMovesAfterTheHoldTimeAndNotDuringTheCooldown()
    {
        var world = new World(["a", "b"], [.. Enumerable.Repeat(10, 16)]);
        world.Run(TimeSpan.FromMinutes(5));
        Assert.Empty(world.Gifts);
        foreach (var shard in Enumerable.Range(0, 16).Where(shard => world.Owners[shard] == "a"))
            world.Rates[shard] = 30;
        world.Run(TimeSpan.FromSeconds(9));
        Assert.Empty(world.Gifts);
        world.Run(TimeSpan.FromSeconds(3));
        var first = world.Gifts.Count;
        Assert.InRange(first, 1, 4);
        world.Run(TimeSpan.FromSeconds(25));
        Assert.Equal(first, world.Gifts.Count);
        world.Run(TimeSpan.FromMinutes(5));
        Assert.False(world.IsWorthAMove(), world.ToString());
    }

    /// <summary>Servers that decide from looks that are half a second old, over shards of these rates.</summary>
    private sealed class World(IEnumerable<string> servers, int[] rates)
    {
        private static readonly TimeSpan Look = TimeSpan.FromSeconds(0.5);
        private readonly Dictionary<string, SpreadMemory> _memories = [];
        private ClusterView _before = ClusterView.Empty;

        public List<string> Servers { get; } = [.. servers];

        public int[] Rates { get; } = rates;

        public string[] Owners { get; } = [.. rates.Select(_ => "")];

        public TimeSpan Now { get; private set; }

        /// <summary>Who gave which shard away.</summary>
        public List<(string Giver, int Shard)> Gifts { get; } = [];

        public int MostAtOnce { get; private set; }

        public static World Any(Random random)
        {
            int[] rates = [.. Enumerable.Range(0, random.Next(4, 65)).Select(_ => random.Next(4) switch
            {
                0 => 0,
                1 => random.Next(10),
                2 => random.Next(100),
                _ => random.Next(1000),
            })];
            string[] names = ["a", "b", "c", "d", "e"];
            var world = new World(names.Take(random.Next(1, 6)), rates);
            for (var shard = 0; shard < rates.Length; shard++)
                world.Owners[shard] = random.Next(3) == 0 ? "" : names[random.Next(random.Next(1, names.Length + 1))];
            return world;
        }

        public double LoadOf(string server) => Owners.Zip(Rates).Where(one => one.First == server)
            .Sum(one => 1.0 + one.Second);

        public void Run(TimeSpan time)
        {
            for (var end = Now + time; Now < end; Now += Look)
            {
                var view = View();
                foreach (var server in Servers)
                    Step(server, _before.Servers.IsEmpty ? view : _before);
                _before = view;
            }
        }

        public bool IsWorthAMove()
        {
            var (least, most) = (Servers.MinBy(LoadOf)!, Servers.MaxBy(LoadOf)!);
            var gap = LoadOf(most) - LoadOf(least);
            // What the greatest of all single moves would gain.
            var best = Owners.Zip(Rates).Where(one => one.First == most && 1 + one.Second <= gap / 2)
                .Select(one => 2.0 * (1 + one.Second)).DefaultIfEmpty().Max();
            return best > Limits.SpreadGain * Servers.Average(LoadOf);
        }

        public override string ToString() => string.Join(", ", Servers.Select(server => $"{server} {LoadOf(server)}"));

        private void Step(string me, ClusterView view)
        {
            var held = Enumerable.Range(0, Owners.Length).Where(shard => Owners[shard] == me).ToList();
            var (step, memory) = LoadSpread.Decide(
                view, me, held, Now, _memories.GetValueOrDefault(me, SpreadMemory.None), Limits);
            _memories[me] = memory;
            MostAtOnce = Math.Max(MostAtOnce, step.HandOver.Length);
            foreach (var shard in step.HandOver.Where(shard => Owners[shard] == me))
            {
                Owners[shard] = $"({me})";
                Gifts.Add((me, shard));
            }
            // The store lets only one of them have it.
            foreach (var shard in step.Claim.Where(shard => !Servers.Contains(Owners[shard])))
                Owners[shard] = me;
        }

        private ClusterView View() => new(
            [.. Servers.Concat(Servers.Select(server => $"({server})")).Select((name, i) => new ServerSeen(
                new ServerRow(name, name, "", false) { Rates = [.. Rates] },
                DateTimeOffset.UnixEpoch.AddSeconds(i), IsAlive: i < Servers.Count))],
            [.. Owners.Select((owner, shard) => new ShardSeen(shard, owner, !Servers.Contains(owner)))]);
    }
}

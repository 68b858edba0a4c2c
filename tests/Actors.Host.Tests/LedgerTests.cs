using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Host.Tests;

public class LedgerTests
{
    [Fact]
    public void ABookingCountsTheEmulatorAndTellsTheSite()
    {
        var host = Hosts.Connected();
        var decision = host.Hear(
            Hosts.Astro.Key(), new Book("r1", Hosts.Astro, Hosts.Node(1), 512, 2, 300));
        var answer = decision.One<BookAnswer>();
        Assert.Equal(("r1", Hosts.Id, Hosts.Node(1), null),
            (answer.RequestId, answer.Host, answer.Node, answer.Failure));
        Assert.Equal("10.0.0.1:7001", answer.Facts!.MoveEndpoint);
        Assert.Equal(
            new HostCapacity(Hosts.Id, "a", true, 2048, 2048 - 584, 2, 2, 9700, SwitchEndpoint: "10.0.0.1:7000"),
            decision.One<HostCapacity>());
        Assert.Equal(new ActorKey(ActorKinds.Site, "s01"), decision.Sends[^1].To);
        host.AssertReplays();
    }

    [Fact]
    public void MoreThanIsFreeIsAnsweredWithTheShortage()
    {
        var host = Hosts.Connected();
        Assert.Null(host.Book(1, 1000, diskMiB: 9000).Failure);
        Hosts.AssertFailure(host.Book(2, 1000).Failure, "no-capacity",
            "needs 1079 MiB of memory, overhead included; host 'a' has 969 MiB free of 2048.");
        Hosts.AssertFailure(host.Book(2, 100, diskMiB: 1001).Failure, "no-capacity",
            "needs 1001 MiB of disk; host 'a' has 1000 MiB free of 10000.");
        Hosts.AssertFailure(host.Book(2, 0).Failure, "bad-amount", "0 MiB of memory");
        Hosts.AssertFailure(host.Book(2, int.MaxValue).Failure, "bad-amount", "MiB of memory");
        Hosts.AssertFailure(host.Book(1, 100, by: Hosts.Boson).Failure, "booked-by-other", "another environment");
    }

    [Fact]
    public void TheLastMebibyteIsPromisedAndNotOneMore()
    {
        var host = Hosts.Connected();
        Hosts.AssertFailure(host.Book(1, 1955).Failure, "no-capacity", "needs 2049 MiB of memory");
        Assert.Null(host.Book(1, 1954, diskMiB: 10_000).Failure);
        Assert.Equal((2048, 10_000), (host.State.BookedMemoryMiB(), host.State.BookedDiskMiB()));
    }

    [Fact]
    public void ABookingChangesUpAndDownAndRepeats()
    {
        var host = Hosts.Connected();
        host.Book(1, 1000);
        Assert.Null(host.Book(1, 1800).Failure);
        Assert.Equal(1892, host.State.BookedMemoryMiB());
        Hosts.AssertFailure(host.Book(1, 2000).Failure, "no-capacity", "has 2048 MiB free of 2048");
        Assert.Equal(1892, host.State.BookedMemoryMiB());
        var journal = host.Journal.Count;
        Assert.Null(host.Book(1, 1800).Failure);
        Assert.Equal(journal, host.Journal.Count);
        Assert.Null(host.Book(1, 500).Failure);
        Assert.Equal(571, host.State.BookedMemoryMiB());
    }

    [Fact]
    public void OnlyAConnectedHostPromisesMore()
    {
        var host = Hosts.New();
        Hosts.AssertFailure(host.Book(1, 500).Failure, FailureCode.HostUnreachable, "never connected");
        host.Connect();
        host.Book(1, 500);
        host.Disconnect();
        Hosts.AssertFailure(host.Book(2, 500).Failure, FailureCode.HostUnreachable, "is away");
        Hosts.AssertFailure(host.Book(1, 501).Failure, FailureCode.HostUnreachable, "is away");
        Assert.Null(host.Book(1, 500).Failure);
        Assert.Null(host.Book(1, 400).Failure);
        host.Ask(new FenceHost(Hosts.Id), "operator:olga");
        Hosts.AssertFailure(host.Book(1, 400).Failure, FailureCode.HostUnreachable, "is fenced");
        host.Connect();
        Assert.Null(host.Book(2, 500).Failure);
    }

    [Fact]
    public void AHostThatLostMemoryKeepsItsPromisesAndMakesNoNewOnes()
    {
        var host = Hosts.Connected();
        host.Book(1, 1500);
        var told = host.Connect(Hosts.Facts with { MemoryMiB = 1024 }).One<HostCapacity>();
        Assert.Equal((1024, 0), (told.MemoryMiB, told.FreeMemoryMiB));
        Assert.Equal(FailureCode.NoCapacity, host.Book(2, 64).Failure!.Code);
        Assert.Null(host.Book(1, 1400).Failure); // still more than there is, but less than before
    }

    [Fact]
    public void UnbookingIsAnsweredAlsoWhenThereIsNothing()
    {
        var host = Hosts.Connected();
        host.Book(1, 500);
        var unbook = new Unbook("u1", Hosts.Astro, Hosts.Node(1));
        var foreign = host.Hear(Hosts.Boson.Key(), unbook with { Environment = Hosts.Boson });
        Assert.Equal("u1", foreign.One<UnbookAnswer>().RequestId);
        Assert.Single(host.State.Bookings);
        Assert.Equal(2048, host.Hear(Hosts.Astro.Key(), unbook).One<HostCapacity>().FreeMemoryMiB);
        var again = host.Hear(Hosts.Astro.Key(), unbook);
        Assert.Equal("u1", again.One<UnbookAnswer>().RequestId);
        Assert.Empty(again.Events);
    }

    [Fact]
    public void SeveralNodesAreBookedTogetherOrNotAtAll()
    {
        var host = Hosts.Connected();
        var all = new BookNodes("r1", Hosts.Astro,
            [new NodeRoom(Hosts.Node(1), 500, 1, 10), new NodeRoom(Hosts.Node(2), 500, 2, 20)]);
        var booked = host.Hear(Hosts.Astro.Key(), all);
        var answer = booked.One<BookNodesAnswer>();
        Assert.Equal(("r1", "a", null), (answer.RequestId, answer.Facts?.Name, answer.Failure));
        Assert.Equal([Hosts.Node(1), Hosts.Node(2)], answer.Nodes);
        Assert.Equal(2048 - (2 * 571), booked.One<HostCapacity>().FreeMemoryMiB);
        Assert.Equal(new BookedSum(2 * 571, 3, 30), host.State.Booked);

        var again = host.Hear(Hosts.Astro.Key(), all);
        Assert.Null(again.One<BookNodesAnswer>().Failure);
        Assert.Empty(again.Events);

        // Each alone would fit; both do not, so that neither is booked.
        var more = host.Hear(Hosts.Astro.Key(), new BookNodes("r2", Hosts.Astro,
            [new NodeRoom(Hosts.Node(3), 500, 1, 0), new NodeRoom(Hosts.Node(4), 500, 1, 0)]));
        Hosts.AssertFailure(more.One<BookNodesAnswer>().Failure, "no-capacity", "has 335 MiB free of 2048");
        Assert.Empty(more.Events);
        Assert.Equal(2, host.State.Bookings.Count);
        host.AssertReplays();
    }

    /// <summary>
    /// Whatever comes in whatever order: never more promised than there is, and a plain model agrees.
    /// </summary>
    [Fact]
    public void RandomCommandsNeverOverpromise()
    {
        var (promised, refused) = (0, 0);
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var host = Hosts.New();
            var model = new Dictionary<NodeId, int>();
            for (var step = 0; step < 60; step++)
            {
                var node = random.Next(6);
                switch (random.Next(12))
                {
                    case 10 or 11:
                        var two = Enumerable.Range(node, 2).Select(i =>
                            new NodeRoom(Hosts.Node(i), random.Next(1, 600), 1, random.Next(3000))).ToArray();
                        if (host.Hear(Hosts.Astro.Key(), new BookNodes("b", Hosts.Astro, two))
                            .One<BookNodesAnswer>().Failure is null)
                            foreach (var room in two)
                                model[room.Node] = room.MemoryMiB + Overhead.MemoryMiB(room.MemoryMiB);
                        break;
                    case < 6:
                        var memory = random.Next(1, 1200);
                        if (host.Book(node, memory, random.Next(3000)).Failure is null)
                        {
                            model[Hosts.Node(node)] = memory + Overhead.MemoryMiB(memory);
                            promised++;
                        }
                        else
                        {
                            refused++;
                        }

                        break;
                    case 6:
                        host.Hear(Hosts.Astro.Key(), new Unbook("u", Hosts.Astro, Hosts.Node(node)));
                        model.Remove(Hosts.Node(node));
                        break;
                    case 7:
                        if (host.Ask(new FenceHost(Hosts.Id)).Refusal is null)
                            model.Clear();
                        break;
                    case 8:
                        host.Disconnect();
                        break;
                    default:
                        host.Connect();
                        break;
                }

                Assert.True(host.State.BookedMemoryMiB() <= Hosts.Facts.MemoryMiB, $"seed {seed}, step {step}");
                Assert.True(host.State.BookedDiskMiB() <= Hosts.Facts.DiskMiB, $"seed {seed}, step {step}");
                Assert.Equal(model.Values.Sum(), host.State.BookedMemoryMiB());
                Assert.Equal(host.State.Bookings.Values.Sum(one => one.DiskMiB), host.State.BookedDiskMiB());
            }
            host.AssertReplays();
        }
        Assert.True(promised > 500 && refused > 500, $"{promised} promised, {refused} refused: both must happen.");
    }
}

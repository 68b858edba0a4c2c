using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;

namespace VioActors.Actors.VirtualCluster.Tests;

/// <summary>
/// The three tests of every saga, over every kind of operation there is: fail every step, repeat every step, fail and
/// repeat every undo. A kind without a scenario here fails them.
/// </summary>
public class EverySagaTests
{
    private static readonly Failure Broken = new("broken", "It broke.", "Mend it.");

    public static TheoryData<OperationKind> Kinds =>
        [.. Enum.GetValues<OperationKind>().Where(kind => kind != OperationKind.Move)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_step_that_fails_can_be_asked_for_again_and_ends_the_same(OperationKind kind)
    {
        var (wanted, requests) = Undisturbed(kind);
        for (var index = 0; index < requests; index++)
        {
            var world = Begin(kind, world => FailAt(world, index));
            AssertAgain(kind, world, wanted, $"request {index} failed");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_step_that_is_done_and_answered_twice_ends_the_same(OperationKind kind)
    {
        var (wanted, requests) = Undisturbed(kind);
        for (var index = 0; index < requests; index++)
        {
            var world = Begin(kind, world => RepeatAt(world, index));
            Assert.Equal(OperationPhase.Done, world.State.Operations[^1].Phase);
            Assert.Equal(wanted, Outcome(world));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_undo_that_is_repeated_ends_the_same_and_one_that_fails_can_be_asked_for_again(OperationKind kind)
    {
        var (wanted, requests) = Undisturbed(kind);
        for (var index = 0; index < requests; index++)
        {
            var total = 0;
            var turned = Outcome(Begin(kind, world => FailAt(world, () => total++, index)));
            for (var undo = index + 1; undo < total; undo++)
            {
                var repeated = Begin(kind, world =>
                {
                    FailAt(world, index);
                    RepeatAt(world, undo);
                });
                Assert.Equal(turned, Outcome(repeated));
                AssertAgain(
                    kind, Begin(kind, world => FailAt(world, index, undo)), wanted, $"request {index}, undo {undo}");
            }
        }
    }

    /// <summary>Whatever the host did, and whatever of it nobody heard: what guests have is booked.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_answer_that_is_lost_never_leaves_a_guest_with_more_than_is_booked(OperationKind kind)
    {
        var (wanted, requests) = Undisturbed(kind);
        for (var index = 0; index < requests; index++)
        {
            var world = Begin(kind, world =>
            {
                var seen = 0;
                world.LoseAnswer = message => seen++ >= index && message is HostCommand;
            });
            world.LoseAnswer = _ => false;
            Assert.All(world.Running, place => Assert.Contains(place, world.Booked));
            AssertAgain(kind, world, wanted, $"answers from {index} on were lost");
            Assert.All(world.State.Nodes.Values, node => Assert.Null(node.HeldMiB));
        }
    }

    private static void AssertAgain(OperationKind kind, World world, string wanted, string what)
    {
        Assert.True(world.State.Operations[^1].Ended, what);
        world.Fail = _ => null;
        world.Return();
        if (kind == OperationKind.Create && world.State.Deleted)
        {
            world.AssertNothingLeft();
            return;
        }
        if (Outcome(world) != wanted && !world.State.Deleted) Act(kind, world, attempt: 2);
        world.Settle();
        // What ended while nobody knew is off, and an apply does not start it.
        foreach (var off in world.State.Nodes.Values.Where(node => node.Power == NodePower.Off).Select(node => node.Id))
            if (kind != OperationKind.Stop)
                Assert.Null(world.Ask(new StartNodeNow(off)).Refusal);
        world.Settle();
        Assert.True(Outcome(world) == wanted, $"{what}: wanted\n{wanted}\nand found\n{Outcome(world)}");
    }

    /// <summary>How it ends when nothing goes wrong, and how many requests that takes.</summary>
    private static (string Outcome, int Requests) Undisturbed(OperationKind kind)
    {
        var count = 0;
        var world = Begin(kind, world => world.Fail = _ =>
        {
            count++;
            return null;
        });
        Assert.Equal((kind, OperationPhase.Done), (world.State.Operations[^1].Kind, world.State.Operations[^1].Phase));
        Assert.True(count > 0);
        return (Outcome(world), count);
    }

    private static World Begin(OperationKind kind, Action<World> disturb)
    {
        var world = kind switch
        {
            OperationKind.Create => new World(),
            OperationKind.Grow or OperationKind.Resize or OperationKind.Stop => World.WithRunning("n1"),
            OperationKind.Shrink or OperationKind.Delete or OperationKind.Apply => World.WithRunning("n1", "n2"),
            OperationKind.Start => Stopped(),
            OperationKind.Restart => Lost(),
            _ => throw new InvalidOperationException($"{kind} has no scenario."),
        };
        disturb(world);
        Act(kind, world, attempt: 1);
        world.Settle();
        return world;
    }

    private static void Act(OperationKind kind, World world, int attempt)
    {
        var id = $"op-{attempt + 1}";
        var node = world.State.Nodes.Keys.FirstOrDefault();
        switch (kind)
        {
            case OperationKind.Create or OperationKind.Grow:
                world.Apply(World.Spec("n1", "n2"), id);
                break;
            case OperationKind.Shrink:
                world.Apply(World.Spec("n2"), id);
                break;
            case OperationKind.Apply:
                var spec = World.Spec("n2", "n3");
                world.Apply(spec with { Nodes = [spec.Nodes[0] with { MemoryMiB = 96 }, spec.Nodes[1]] }, id);
                break;
            default:
                var refusal = world.Ask(kind switch
                {
                    OperationKind.Delete => new DeleteEnvironment(),
                    OperationKind.Resize => new ResizeNodeTo(node, 96, 50, 80),
                    OperationKind.Stop => new StopNodeNow(node, 5),
                    _ => new StartNodeNow(node),
                }).Refusal;
                Assert.True(refusal is null, $"{kind}: {refusal}");
                break;
        }
    }

    private static World Stopped()
    {
        var world = World.WithRunning("n1");
        world.Ask(new StopNodeNow(world.State.Nodes.Keys.Single(), 0));
        world.Settle();
        return world;
    }

    private static World Lost()
    {
        var world = World.WithRunning("n1");
        world.Tell(World.A, new HostFencedNotice(World.A));
        world.Running.Clear(); // the operator's word: the host is off
        world.Booked.Clear();
        world.Kept.Clear();
        world.PlaceOn = World.B;
        return world;
    }

    /// <summary>All that matters in the end, by names: ids and runs differ from one history to another.</summary>
    private static string Outcome(World world)
    {
        string Name(NodeId id) => world.State.Nodes.GetValueOrDefault(id)?.Spec.Name ?? $"stray {id}";
        string Places(IEnumerable<(HostId, NodeId Node)> all) =>
            string.Join(", ", all.Select(place => Name(place.Node)).Order(StringComparer.Ordinal));
        return string.Join('\n', (string[])[
            .. world.State.Nodes.Values.OrderBy(node => node.Spec.Name, StringComparer.Ordinal).Select(node =>
                $"{node.Spec.Name} {node.Power} {node.MemoryMiB} {node.CpuWeight} {node.CpuQuotaPercent} "
                + string.Join(' ', world.Booked.Where(place => place.Node == node.Id).Select(p => world.RoomMiB[p]))),
            $"runs {Places(world.Running)}", $"booked {Places(world.Booked)}", $"kept {Places(world.Kept)}",
            $"plugged {string.Join(", ", world.Plugged.Select(Name).Order(StringComparer.Ordinal))}",
            $"deleted {world.State.Deleted} {world.NameReleased}",
        ]);
    }

    private static void FailAt(World world, params int[] indices) => FailAt(world, () => { }, indices);

    private static void FailAt(World world, Action each, params int[] indices)
    {
        var count = 0;
        world.Fail = _ =>
        {
            each();
            return indices.Contains(count++) ? Broken : null;
        };
    }

    private static void RepeatAt(World world, int index)
    {
        var count = 0;
        world.Repeat = _ => count++ == index;
    }
}

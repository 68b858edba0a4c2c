namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// Two nodes of two hosts want the same link-local address: every order of what they do and of what their hosts hear.
/// </summary>
public sealed class LinkLocalOrderTests
{
    private const int Steps = 5;
    private static readonly Ipv6 Wanted = LinkLocalRig.Chosen(7);

    private enum Step
    {
        Probe1,
        Probe2,
        Data1,
        Data2,

        /// <summary>What is on its way arrives.</summary>
        Arrive,

        /// <summary>Long enough for an address to be settled.</summary>
        Wait,
    }

    [Fact]
    public void OneOfThemGetsItForEverAndTheModelSaysWhich()
    {
        using var rig = new LinkLocalRig("abc");
        int kinds = Enum.GetValues<Step>().Length, won1 = 0, won2 = 0;
        for (int number = 0; number < (int)Math.Pow(kinds, Steps); number++)
        {
            var steps = new Step[Steps];
            for (int i = 0, rest = number; i < Steps; i++, rest /= kinds)
                steps[i] = (Step)(rest % kinds);
            foreach (Step step in steps)
                Do(rig, step);

            // Both try until only one is heard.
            for (int i = 0; i < 3; i++)
            {
                rig.Network.Pass(LinkLocalRig.SettledMs);
                rig.Data(2, 3, Wanted);
                rig.Data(1, 3, Wanted);
                rig.Network.Run();
            }

            int[] heard = [.. rig.Got(3).Where(frame => FrameView.Parse(frame).Ipv6Source == Wanted)
                .Select(frame => FrameView.Parse(frame).Source == LinkLocalRig.Mac(1) ? 1 : 2)];
            int winner = Assert.Single(heard.Distinct());
            Assert.True(heard.Length >= 2, string.Join(' ', steps));
            Assert.True(winner == Model(steps), $"{string.Join(' ', steps)}: {winner} got it");
            _ = winner == 1 ? won1++ : won2++;
            Forget(rig);
        }

        Assert.True(won1 > 1000 && won2 > 500, $"{won1} {won2}");
    }

    // Who was settled before the other began; of two that are not, the one with the lower MAC.
    private static int Model(Step[] steps)
    {
        int first1 = Array.FindIndex(steps, s => s is Step.Probe1 or Step.Data1);
        int first2 = Array.FindIndex(steps, s => s is Step.Probe2 or Step.Data2);
        int settled2 = first2 < 0 ? -1 : Array.IndexOf(steps, Step.Wait, first2);
        bool isSecondsBefore = settled2 >= 0 && (first1 < 0 || first1 > settled2);
        return isSecondsBefore || first1 < 0 && first2 >= 0 ? 2 : 1;
    }

    private static void Do(LinkLocalRig rig, Step step)
    {
        switch (step)
        {
            case Step.Probe1 or Step.Probe2:
                rig.Probe(step == Step.Probe1 ? 1 : 2, Wanted);
                break;
            case Step.Data1 or Step.Data2:
                rig.Data(step == Step.Data1 ? 1 : 2, 3, Wanted);
                break;
            case Step.Arrive:
                rig.Network.Run();
                break;
            default:
                rig.Network.Pass(LinkLocalRig.SettledMs);
                break;
        }
    }

    private static void Forget(LinkLocalRig rig)
    {
        foreach (TestHost host in rig.Hosts.Values)
        {
            foreach (int node in (int[])[1, 2])
                host.Core.Environments["e"].LinkLocals.Forget(LinkLocalRig.Mac(node));
        }

        rig.Got(1);
        rig.Got(2);
    }
}

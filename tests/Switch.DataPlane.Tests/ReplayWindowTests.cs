using FsCheck;
using FsCheck.Fluent;

namespace VioActors.Switch.DataPlane.Tests;

public class ReplayWindowTests
{
    [Fact]
    public void AgreesWithASetOfEverythingSeen() => Prop.ForAll(
        Gen.Choose(1, 400).ListOf().ToArbitrary(), steps =>
        {
            var window = new ReplayWindow();
            var seen = new HashSet<ulong>();
            ulong position = 0;
            foreach (int step in steps)
            {
                // Small numbers go forward and back a little, large ones jump over words and over the whole ring.
                position = step switch
                {
                    < 150 => position + (ulong)step,
                    < 300 => position - Math.Min(position, (ulong)(step - 150)),
                    < 350 => position + (ulong)step * 20,
                    < 390 => position - Math.Min(position, (ulong)(step - 350) * 150),
                    _ => position + 10_000,
                };
                ulong highest = seen.Count == 0 ? 0 : seen.Max();
                bool tooOld = seen.Count > 0 && position < highest && highest - position >= Limits.ReplayWindow;
                bool expected = !tooOld && seen.Add(position);
                if (window.Accept(position) != expected)
                    return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheWindowIsAtLeast2048() => Assert.True(Limits.ReplayWindow >= 2048);
}

namespace VioActors.Switch.DataPlane.Tests;

public class ReassemblyTests
{
    /// <summary>
    /// Every way to cut 9 bytes behind the header into up to 9 slices, forwards, backwards and with repetitions.
    /// </summary>
    [Fact]
    public void EverySplitOfAFrameComesTogether()
    {
        byte[] frame = [.. Enumerable.Range(1, Limits.VnetHeaderBytes + 9).Select(i => (byte)i)];
        var reassembly = new Reassembly();
        uint id = 0;
        for (int cuts = 1; cuts < 1 << 9; cuts++)
        {
            foreach (bool backwards in (bool[])[false, true])
            {
                List<(SliceHeader Header, byte[] Payload)> order = Cut(frame, cuts << Limits.VnetHeaderBytes, ++id);
                if (backwards)
                    order.Reverse();
                int complete = 0;
                foreach ((SliceHeader header, byte[] payload) in order)
                {
                    byte[] plaintext = new byte[SliceHeader.Bytes + payload.Length];
                    header.Write(plaintext);
                    Assert.True(SliceHeader.TryRead(plaintext, out SliceHeader read));
                    Assert.Equal(header, read);
                    if (reassembly.Add(1, read, payload, 0, out Span<byte> whole))
                    {
                        complete++;
                        Assert.True(whole.SequenceEqual(frame));
                    }
                    else if (complete == 0)
                    {
                        Assert.False(reassembly.Add(1, read, payload, 0, out _), "a repetition completes nothing");
                    }
                }

                Assert.Equal(1, complete);
            }
        }

        Assert.Equal(0, reassembly.Contradictions);
    }

    [Fact]
    public void SlicesThatOverlapShowNothingOfAnEarlierFrame()
    {
        var reassembly = new Reassembly();
        SliceHeader first = new(1, 0, 3, 0, 30, 0, 7, false);
        Assert.False(reassembly.Add(1, first, new byte[10], 0, out _));
        Assert.False(reassembly.Add(1, first with { Index = 1, Offset = 5 }, new byte[5], 0, out _));
        Assert.False(reassembly.Add(1, first with { Index = 2, Offset = 20 }, new byte[10], 0, out _));
        Assert.Equal(1, reassembly.Contradictions);
    }

    [Fact]
    public void OneSessionCannotPushOutAnother()
    {
        var reassembly = new Reassembly();
        SliceHeader half = new(1, 0, 2, 0, 40, 0, 7, false);
        Assert.False(reassembly.Add(1, half, new byte[20], 0, out _));
        for (uint i = 0; i < 1000; i++)
            Assert.False(reassembly.Add(2, half with { FrameId = i }, new byte[20], 0, out _));
        Assert.True(reassembly.Add(1, half with { Index = 1, Offset = 20 }, new byte[20], 0, out _));
    }

    [Fact]
    public void TimeEndsAnIncompleteFrame()
    {
        var reassembly = new Reassembly();
        SliceHeader half = new(1, 0, 2, 0, 40, 0, 7, false);
        Assert.False(reassembly.Add(1, half, new byte[20], 0, out _));
        Assert.False(reassembly.Add(
            1, half with { Index = 1, Offset = 20 }, new byte[20], Limits.ReassemblyMs + 1, out _));
        Assert.Equal(1, reassembly.Abandoned);
    }

    // Bit i of the mask set: a slice begins at byte i + 1.
    private static List<(SliceHeader, byte[])> Cut(byte[] frame, int mask, uint id)
    {
        var starts = new List<int> { 0 };
        starts.AddRange(Enumerable.Range(1, frame.Length - 1).Where(i => (mask >> i & 1) != 0));
        return [.. starts.Select((start, index) =>
        {
            int end = index + 1 < starts.Count ? starts[index + 1] : frame.Length;
            return (new SliceHeader(id, (byte)index, (byte)starts.Count, start, frame.Length, 0, 7, false),
                frame[start..end]);
        })];
    }
}
